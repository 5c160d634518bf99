import Testing

/// The walks of CONTRIBUTING.md that the compiler cannot check: what conforms to a protocol is named by the registry of its kind.
@Suite("What is added is registered")
struct RegistryTests {
    static let kinds: [(protocolName: String, registry: String)] = [
        ("ForgetObjective", "Sources/Unlearning/Methods/UnlearningMethod.swift"),
        ("RetainObjective", "Sources/Unlearning/Methods/UnlearningMethod.swift"),
        ("Combination", "Sources/Unlearning/Methods/UnlearningMethod.swift"),
        ("AnswerMetric", "Sources/Evaluation/Metrics/AnswerEvaluation.swift"),
        ("SuiteMetric", "Sources/Evaluation/Suite/EvaluationSuite.swift"),
        ("DecoderFamily", "Sources/Models/Families/ModelFamily.swift"),
        ("DeviceFamily", "Sources/Backends/DeviceCatalogue.swift"),
        ("ParsableCommand", "Sources/ofmu-gpu/Main.swift"),
    ]

    @Test("Every type of a kind is named in the kind's registry", arguments: kinds)
    func areNamed(_ protocolName: String, _ registry: String) throws {
        var conforming: [Substring] = []
        let pattern = try Regex<(Substring, Substring)>("(?:struct|class|enum) (\\w+)(?:<[^>]*>)?: (?:\\w+, )*\(protocolName)\\b")
        for path in try Repository.files(in: "Sources", ending: ".swift") {
            conforming += try Repository.text(path).matches(of: pattern).map { Substring(String($0.output.1)) }
        }
        #expect(!conforming.isEmpty)
        let text = try Repository.text(registry)
        for name in conforming {
            // A command may be another one's subcommand; the command itself is in its own file.
            let isNamed = text.contains("\(name)(") || text.contains("\(name).self") || text.contains("struct \(name)")
            let isSubcommand = protocolName == "ParsableCommand" && name.hasPrefix("Bench")
            #expect(isNamed || isSubcommand, "\(name) is not in \(registry)")
        }
    }

    @Test("Every chat family is in the registry")
    func familiesAreNamed() throws {
        let registry = try #require(
            try Repository.text("Sources/Text/Chat/ChatFamily.swift").firstMatch(of: /static let all: \[ChatFamily\] = \[([^\]]*)\]/)?.1)
        let files = try Repository.files(in: "Sources/Text/Chat/Families", ending: ".swift")
        #expect(!files.isEmpty)
        for path in files {
            let name = try #require(try Repository.text(path).firstMatch(of: /static let (\w+) = ChatFamily\(/)?.1, "\(path)")
            #expect(registry.contains(".\(name)"), "\(name) is not in the registry")
        }
    }

    @Test("Every file and folder that CONTRIBUTING.md names exists")
    func pathsExist() throws {
        let paths = try Repository.text("CONTRIBUTING.md").backTicked.filter { $0.contains("/") && !$0.contains(" ") }
        #expect(paths.count > 10)
        for path in paths where !path.contains("NAME") { #expect(Repository.exists(path), "\(path)") }
    }
}
