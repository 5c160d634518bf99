import Data
import Files
import Inference
import Testing

/// Attention windows limit the length of a text, because what lies beyond one is not computed.
@Suite("Sliding windows")
struct WindowTests {
    private static let long: [String: JSONValue?] = ["max_position_embeddings": 8192]

    private static func context(_ model: String, _ changes: [String: JSONValue?]) throws -> Int {
        var context = 0
        try LoadingTests.altered(model, configuration: long.merging(changes) { $1 }) { folder in
            context = try ModelLoader.load(path: folder).model.language.dimensions.context
        }
        return context
    }

    @Test("in Mistral: 4096 where the key is missing, none where it is null")
    func mistral() throws {
        #expect(try Self.context("mistral", ["sliding_window": .none]) == 4096)
        #expect(try Self.context("mistral", ["sliding_window": .null]) == 8192)
        #expect(try Self.context("mistral", ["sliding_window": 100]) == 100)
    }

    @Test("in Qwen 2 and 3: only where it is used, and by a layer that exists", arguments: ["qwen2", "qwen3"])
    func qwen(model: String) throws {
        let full: JSONValue = ["full_attention", "full_attention"], mixed: JSONValue = ["full_attention", "sliding_attention"]
        let used: [String: JSONValue?] = ["use_sliding_window": true, "sliding_window": 100, "layer_types": .none]
        func with(_ changes: [String: JSONValue?]) throws -> Int { try Self.context(model, used.merging(changes) { $1 }) }
        #expect(try with(["max_window_layers": 2]) == 8192)
        #expect(try with(["max_window_layers": .none]) == 8192)
        #expect(try with(["max_window_layers": 1]) == 100)
        #expect(try with(["max_window_layers": 0]) == 100)
        #expect(try with(["layer_types": full, "max_window_layers": 0]) == 8192)
        #expect(try with(["layer_types": mixed]) == 100)
        #expect(try with(["layer_types": mixed, "sliding_window": .none]) == 4096)
        #expect(try with(["layer_types": mixed, "use_sliding_window": false]) == 8192)
    }

    @Test("a text beyond the window is refused with the reason")
    func refusal() throws {
        try LoadingTests.altered("mistral", configuration: ["sliding_window": 8]) { folder in
            let dimensions = try ModelLoader.load(path: folder).model.language.dimensions
            let text = message { try dimensions.limits.check([Int32](repeating: 3, count: 9)) }
            #expect(text.contains("9 tokens, but at most 8 fit (sliding-window attention beyond its window of 8 tokens"))
        }
    }
}
