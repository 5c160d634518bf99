import Backends
import Files
import Inference
import Models
import Runs
import Text
import Unlearning

/// A small model with its data, and a listener.
enum RunFixture {
    /// Keeps what it hears.
    final class Recorder: JobListener {
        var events: [JSONValue] = []
        var stops = false
        var wantsStop: Bool { stops }
        func hear(_ event: JobEvent) throws(FileError) { if let json = event.json { events.append(json) } }
    }

    static func rows(_ names: [String]) -> [UInt8] {
        Array(names.map { #"{"question": "Where was \#($0) born?", "answer": "In \#($0)ville."}"# + "\n" }.joined().utf8)
    }

    static func write(_ bytes: [UInt8], to path: String) throws -> String {
        let file = try AtomicFile(path: path, expectedBytes: bytes.count)
        try file.writer.write(bytes)
        try file.commit()
        return path
    }

    /// A model of a few thousand parameters, and a request to forget two rows.
    static func request(in folder: String, rounds: Int = 2) throws -> UnlearningRequest {
        // GPT-2's names of bytes: printable ones stand for themselves, the others for characters from U+0100 on.
        let printable = Set(33...126).union(161...172).union(174...255)
        let hidden = (0..<256).filter { !printable.contains($0) }
        let tokens = (0..<256).map { byte in
            String(UnicodeScalar(UInt32(hidden.firstIndex(of: byte).map { 256 + $0 } ?? byte)).map(Character.init) ?? " ")
        }
        var description = TokenizerDescription(
            tokens: tokens + ["<|end|>"], merges: [], addedTokens: [AddedToken(id: 256, content: "<|end|>", isSpecial: true)],
            preTokenizer: .gpt2)
        description.endID = 256
        description.stopIDs = [256]
        let model = DecoderModel(
            Llama(),
            DecoderModel.Configuration(
                vocabulary: 257, width: 16, intermediateSize: 24, layers: 1, heads: 2, keyValueHeads: 1, context: 96))
        let path = joinPath(folder, "model")
        try ModelExporter().export(
            LoadedModel(initialising: model, seed: 5), to: path,
            extra: description.folderFiles().map { .init(name: $0.name, bytes: Array($0.content.utf8)) })
        return UnlearningRequest(
            model: path, forget: try write(rows(["Ann", "Bob"]), to: joinPath(folder, "forget.jsonl")),
            retain: try write(rows(["Cid", "Dee"]), to: joinPath(folder, "retain.jsonl")),
            judging: Judging(examples: 1, answerTokens: 2)
        ) { _ in
            var settings = UnlearningSettings()
            (settings.rounds, settings.innerSteps, settings.outerSteps) = (rounds, 1, 1)
            (settings.forgetBatch, settings.retainBatch) = (2, 2)
            settings.forgetTarget = .none
            settings.termCap = nil
            return settings
        }
    }
}
