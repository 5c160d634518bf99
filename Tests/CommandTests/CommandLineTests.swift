import Files
import Testing

@Suite("Calling the program")
struct CommandLineTests {
    @Test("Help and version succeed on standard output", arguments: [["--help"], ["--version"], ["score", "--help"], []])
    func help(_ arguments: [String]) throws {
        let result = try Command.run(arguments)
        #expect(result.status == 0)
        #expect(!result.output.isEmpty)
        #expect(result.errors.isEmpty)
    }

    @Test(
        "A mistake in the call has status 2 and shows the usage",
        arguments: [
            ["no-such-command"], ["score"], ["score", "--model"], ["devices", "--nonsense"],
            ["generate", "--model", "m", "--prompt", "p", "--temperature", "-1"],
            ["generate", "--model", "m"], ["bench", "step", "--shape", "huge"], ["bench", "step", "--seq", "0"],
            ["diagnose", "--model", "m", "--forget", "f", "--retain", "r", "--beta", "much"],
        ])
    func usage(_ arguments: [String]) throws {
        let result = try Command.run(arguments)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("ofmu-gpu: error: "))
        #expect(result.errors.contains("Usage: ofmu-gpu"))
    }

    @Test("With --json an error is also an object on standard output")
    func jsonError() throws {
        let result = try Command.run("score", "--model", "/nowhere", "--data", "x", "--json")
        let object = try JSONValue(parsing: Array(result.output.utf8))
        #expect(result.status == 2)
        #expect(object["code"]?.asInt == 2)
        #expect(object["error"]?.asString?.contains("/nowhere") == true)
    }

    @Test("The CPU is always among the devices, and one device is what auto means")
    func devices() throws {
        let result = try Command.run("devices", "--json")
        let devices = try result.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(result.status == 0)
        #expect(devices.contains { $0["name"]?.asString == "cpu" })
        #expect(devices.count { $0["auto"]?.asBool == true } == 1)
    }

    @Test("Methods are listed with their parts, needs and costs, for people and for programs")
    func methods() throws {
        let text = try Command.run("methods"), json = try Command.run("methods", "--json")
        let methods = try json.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(text.status == 0 && json.status == 0 && methods.count > 5)
        for method in methods {
            let name = try #require(method["method"]?.asString)
            #expect(text.output.contains("\(name): \(method["summary"]?.asString ?? "?")"))
            #expect((method["forget_step_gradient_equivalents"]?.asDouble ?? 0) >= 1)
            #expect(text.output.contains("combination \(method["combination"]?.asString ?? "?")"))
        }
        let npo = try #require(methods.first { $0["method"]?.asString == "npo" })
        #expect(npo["needs"] == ["retain set", "losses of the original model"])
        #expect(npo["restore_step_gradient_equivalents"] == JSONValue.null)
        #expect(npo["defaults"]?["retain-weight"]?.asString == "5" && npo["published"]?["retain-weight"]?.asString == "1")
        #expect(text.output.contains("defaults: --retain-weight 5\n    the authors': --retain-weight 1\n"))
    }
}
