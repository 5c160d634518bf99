import Files
import Inference
import Models
import Text

/// A decoder of a few thousand parameters with a tokenizer of single bytes, as a Hugging Face folder.
enum TinyModel {
    static let context = 96
    static let endToken = "<|end|>"

    /// An intact model that no test changes.
    static let folder: String = {
        do {
            return try make()
        } catch {
            // Tests that need the model fail with this in their message.
            return "the tiny model could not be written: \(error)"
        }
    }()

    /// Questions with answers, one JSON object a line.
    static func rows(_ names: [String]) -> String {
        names.map { #"{"question": "Where was \#($0) born?", "answer": "In \#($0)ville."}"# + "\n" }.joined()
    }

    /// Writes a fresh model.
    /// - Parameter vocabulary: its embeddings; the tokenizer has 257 tokens.
    static func make(vocabulary: Int = 257, extraTokens: [String] = []) throws -> String {
        let model = DecoderModel(
            Llama(),
            DecoderModel.Configuration(
                vocabulary: vocabulary, width: 16, intermediateSize: 24, layers: 2, heads: 2, keyValueHeads: 1, context: context))
        let path = Scratch.shared.path(unique: "model")
        let files = tokenizer(extraTokens).folderFiles().map {
            ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8))
        }
        try ModelExporter().export(LoadedModel(initialising: model, seed: 5), to: path, extra: files)
        return path
    }

    /// Copies a folder of files.
    static func copy(_ folder: String, to path: String) throws {
        try FileSystem.createFolder(path)
        for name in try FileSystem.list(folder) { try FileSystem.copyFile(joinPath(folder, name), to: joinPath(path, name), for: .weights) }
    }

    /// A copy of the intact model in which one file is changed.
    static func damaged(_ file: String, _ change: (inout [UInt8]) -> Void) throws -> String {
        let path = Scratch.shared.path(unique: "damaged")
        try copy(folder, to: path)
        var bytes = try Scratch.bytes(joinPath(path, file))
        change(&bytes)
        try Scratch.write(bytes, to: joinPath(path, file))
        return path
    }

    private static func tokenizer(_ extraTokens: [String]) -> TokenizerDescription {
        // GPT-2's alphabet: printable bytes stand for themselves, the others for characters from U+0100 on.
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        var next = 0x100
        var tokens = (0..<256).map { (byte: Int) -> String in
            var scalar = byte
            if !printable.contains(byte) {
                scalar = next
                next += 1
            }
            return Unicode.Scalar(scalar).map { String(Character($0)) } ?? ""
        }
        tokens += [endToken] + extraTokens
        let added = tokens.indices.dropFirst(256).map {
            AddedToken(id: Int32($0), content: tokens[$0], isSpecial: true)
        }
        var description = TokenizerDescription(tokens: tokens, merges: [], addedTokens: added, preTokenizer: .gpt2)
        description.endID = 256
        description.stopIDs = [256]
        return description
    }
}

/// Replaces the first occurrence of a text within bytes.
func replace(_ old: String, by new: String, in bytes: inout [UInt8]) {
    let (from, to) = (Array(old.utf8), Array(new.utf8))
    guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: from) }) else { return }
    bytes.replaceSubrange(start..<start + from.count, with: to)
}
