import Synchronization

/// A byte-pair-encoding tokenizer with the ids of Hugging Face's `tokenizers`.
///
/// Safe to share between threads. Encoding takes time about linear in the length of the text; words that
/// were seen before are looked up.
public final class Tokenizer: Sendable {
    /// What this tokenizer was built from.
    package let description: TokenizerDescription
    /// Ids run from 0 up to this.
    public var count: Int { description.tokens.count }

    let words: WordEncoder
    private let preTokenizer: PreTokenizer
    /// Added tokens looked for in the text as it is, and those looked for after normalisation.
    private let rawTokens: AddedTokenMatcher
    private let normalizedTokens: AddedTokenMatcher
    let decoder: TokenDecoder
    private let cache = Mutex<WordCache?>(nil)

    /// Builds the tables.
    /// - Throws: `TextError.invalid` when a merge or a role names a token that the vocabulary lacks.
    package init(_ description: TokenizerDescription) throws(TextError) {
        self.description = description
        let roles = [description.beginID, description.endID, description.paddingID, description.unknownID]
        let ids = roles.compactMap { $0 } + description.prefix + description.suffix + description.stopIDs
        for id in ids + description.addedTokens.map(\.id) where !description.tokens.indices.contains(Int(id)) {
            throw .invalid(part: "vocabulary", problem: "id \(id) is beyond its \(description.tokens.count) tokens")
        }
        words = try WordEncoder(description)
        preTokenizer =
            description.preTokenizer == .whole && words.mayCutBeforeSpaces
            ? .wholeBeforeSpaces
            : description.preTokenizer
        decoder = TokenDecoder(description)
        rawTokens = AddedTokenMatcher(
            description.addedTokens.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
        let normalization = description.normalization
        normalizedTokens = AddedTokenMatcher(
            description.addedTokens.filter(\.isNormalized).map { token in
                let content = Array(token.content.utf8)
                let rewritten = content.withUnsafeBufferPointer { Self.normalized($0, normalization) }
                return (token, rewritten?.bytes ?? content)
            })
    }

    /// The ids of `text`.
    /// - Parameters:
    ///   - addSpecialTokens: put the tokenizer's own tokens around the text (a begin token, for most Llamas).
    ///   - allowSpecial: read special tokens written in the text as such; otherwise they are plain text.
    public func encode(_ text: String, addSpecialTokens: Bool = true, allowSpecial: Bool = true) -> [Int32] {
        var text = text
        return text.withUTF8 {
            encodeValid($0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial).ids
        }
    }

    /// The ids of UTF-8 text; every maximal malformed stretch is read as one U+FFFD.
    public func encode(bytes: [UInt8], addSpecialTokens: Bool = true, allowSpecial: Bool = true) -> [Int32] {
        bytes.withUnsafeBufferPointer { buffer in
            withValidUTF8(buffer) {
                encodeValid($0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial).ids
            }
        }
    }

    /// The ids of `text`, and for each the offset in UTF-8 bytes at which it starts.
    ///
    /// A token that stands for no text (a begin token, a prefixed space) starts where the text after it does.
    package func encodeWithOffsets(
        _ text: String, addSpecialTokens: Bool = true, allowSpecial: Bool = true
    ) -> (ids: [Int32], starts: [Int]) {
        var text = text
        return text.withUTF8 {
            encodeValid($0, addSpecialTokens: addSpecialTokens, allowSpecial: allowSpecial, wantStarts: true)
        }
    }
}

// The stages of encoding.
extension Tokenizer {
    private struct Output {
        var ids: [Int32] = []
        var starts: [Int] = []
        let wantStarts: Bool
        var cache: WordCache

        mutating func append(_ id: Int32, at start: Int) {
            ids.append(id)
            if wantStarts { starts.append(start) }
        }
    }

    private typealias Text = UnsafeBufferPointer<UInt8>

    private func encodeValid(
        _ text: UnsafeBufferPointer<UInt8>, addSpecialTokens: Bool, allowSpecial: Bool, wantStarts: Bool = false
    ) -> (ids: [Int32], starts: [Int]) {
        // The cache travels with the call, so that threads never wait for each other.
        var output = Output(wantStarts: wantStarts, cache: cache.withLock { $0.take() } ?? WordCache())
        if addSpecialTokens {
            for id in description.prefix { output.append(id, at: 0) }
        }
        cut(text, at: rawTokens, allowSpecial, into: &output, { $0 }) { section, range, output in
            normalize(section, range, allowSpecial, into: &output)
        }
        if addSpecialTokens {
            for id in description.suffix { output.append(id, at: text.count) }
        }
        let used = output.cache
        cache.withLock { $0 = used }
        return (output.ids, output.starts)
    }

    /// Emits the added tokens in `text` and hands what lies between them on.
    private func cut(
        _ text: Text, at matcher: AddedTokenMatcher, _ allowSpecial: Bool, into output: inout Output,
        _ place: (Int) -> Int, between: (Text, Range<Int>, inout Output) -> Void
    ) {
        var at = 0
        if !matcher.isEmpty {
            for match in matcher.matches(in: text, 0..<text.count, allowSpecial: allowSpecial) {
                if match.range.lowerBound > at { between(text, at..<match.range.lowerBound, &output) }
                output.append(match.id, at: place(match.start))
                at = match.range.upperBound
            }
        }
        if at < text.count { between(text, at..<text.count, &output) }
    }

    private func normalize(_ text: Text, _ range: Range<Int>, _ allowSpecial: Bool, into output: inout Output) {
        let section = Text(rebasing: text[range])
        let base = range.lowerBound
        guard let rewritten = Self.normalized(section, description.normalization) else {
            cut(section, at: normalizedTokens, allowSpecial, into: &output, { base + $0 }) { text, range, output in
                preTokenize(text, range, into: &output) { base + $0 }
            }
            return
        }
        let place = { (index: Int) in
            base + (index < rewritten.sources.count ? rewritten.sources[index] : section.count)
        }
        rewritten.bytes.withUnsafeBufferPointer { text in
            cut(text, at: normalizedTokens, allowSpecial, into: &output, place) { text, range, output in
                preTokenize(text, range, into: &output, place)
            }
        }
    }

    private func preTokenize(
        _ text: Text, _ range: Range<Int>, into output: inout Output, _ place: (Int) -> Int
    ) {
        let section = Text(rebasing: text[range])
        let rewritten: Rewritten
        switch preTokenizer {
        case .metaspace(let prefix, _):
            let present = section.first == 0x20 || section.starts(with: [0xE2, 0x96, 0x81])
            let wanted = prefix == .always || (prefix == .first && place(range.lowerBound) == 0)
            rewritten = Rewriting.marked(section, prefixed: wanted && !present)
        case .gpt2 where description.addsPrefixSpace && section.first != 0x20:
            rewritten = Rewriting.spaced(section)
        default:
            split(text, range, into: &output, place)
            return
        }
        rewritten.bytes.withUnsafeBufferPointer { words in
            split(words, 0..<words.count, into: &output) { place(range.lowerBound + rewritten.sources[$0]) }
        }
    }

    private func split(_ text: Text, _ range: Range<Int>, into output: inout Output, _ place: (Int) -> Int) {
        var scanner = WordScanner(text, range, rule: preTokenizer)
        while let word = scanner.next() {
            let pieces = output.cache.pieces(of: Text(rebasing: text[word]), words)
            for index in pieces {
                let piece = output.cache.pieces[index]
                output.ids.append(piece.id)
                if output.wantStarts { output.starts.append(place(word.lowerBound + Int(piece.start))) }
            }
        }
    }

    private static func normalized(_ text: Text, _ normalization: Normalization) -> Rewritten? {
        switch normalization {
        case .none: nil
        case .nfc: Rewriting.composed(text)
        case .metaspace(let prefixed):
            // Text without spaces needs no rewriting unless a mark goes in front.
            prefixed && !text.isEmpty || text.contains(0x20) ? Rewriting.marked(text, prefixed: prefixed) : nil
        }
    }
}
