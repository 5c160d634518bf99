/// Everything that defines a tokenizer, whatever file it came from.
package struct TokenizerDescription: Sendable {
    /// The written form of every token, indexed by id; an empty string marks an id without a token.
    ///
    /// In byte-level vocabularies this is GPT-2's printable alphabet ("Ġthe"), otherwise plain text with ▁
    /// for spaces and `<0x0A>` for single bytes. Added tokens stand here as they read in text.
    package var tokens: [String]
    /// The merges, best first.
    package var merges: [TokenMerge]
    /// Tokens found in the text before anything else, ids included.
    package var addedTokens: [AddedToken]
    /// How text is rewritten before it is cut into words.
    package var normalization: Normalization
    /// How text is cut into words.
    package var preTokenizer: PreTokenizer
    /// Put a space in front of text that has none (byte-level GPT-2 rule only).
    package var addsPrefixSpace = false
    /// Take a word that is a token as it stands, without merging.
    package var ignoresMerges = false
    /// Write scalars outside the vocabulary as `<0x..>` byte tokens.
    package var fallsBackToBytes = false
    /// Write a run of unknown scalars as one unknown token.
    package var fusesUnknown = false
    /// Drop one space at the start of decoded text.
    package var stripsLeadingSpace = false
    /// Ids put in front of and behind every text when special tokens are asked for.
    package var prefix: [Int32] = []
    package var suffix: [Int32] = []
    /// Ids with a role; `nil` if the tokenizer has none.
    package var beginID: Int32?
    package var endID: Int32?
    package var paddingID: Int32?
    package var unknownID: Int32?
    /// Every id that the files name as an end of generation, `endID` included.
    package var stopIDs: [Int32] = []
    /// The Jinja text of the chat template.
    package var chatTemplate: String?
    /// The names of chat templates that are for other uses.
    package var namedTemplates: [String] = []
    /// Texts that the files give for roles such as `bos_token`, whether or not the vocabulary has them; chat templates may use them.
    package var roleTexts: [(name: String, text: String)] = []
    /// The longest input in tokens that the tokenizer's files mention.
    package var maximumLength: Int?

    /// A description with the given vocabulary and every option off.
    package init(
        tokens: [String], merges: [TokenMerge], addedTokens: [AddedToken] = [],
        normalization: Normalization = .none, preTokenizer: PreTokenizer
    ) {
        self.tokens = tokens
        self.merges = merges
        self.addedTokens = addedTokens
        self.normalization = normalization
        self.preTokenizer = preTokenizer
    }

    /// The special tokens by role, as chat templates name them.
    package var specialTexts: [(name: String, text: String)] {
        let ids = [("bos_token", beginID), ("eos_token", endID), ("unk_token", unknownID), ("pad_token", paddingID)]
        let known = ids.compactMap { name, id in token(id).map { (name: name, text: $0) } }
        return known + roleTexts.filter { text in !known.contains { $0.name == text.name } }
    }

    /// The id of the token written exactly so; walks the vocabulary.
    package func id(of written: String) -> Int32? {
        tokens.firstIndex { $0.utf8.elementsEqual(written.utf8) }.map { Int32($0) }
    }

    /// The written form of an id that is in the vocabulary.
    package func token(_ id: Int32?) -> String? {
        guard let id, tokens.indices.contains(Int(id)), !tokens[Int(id)].isEmpty else { return nil }
        return tokens[Int(id)]
    }
}

/// Two written tokens that join into one.
package struct TokenMerge: Sendable, Hashable {
    package var left: String
    package var right: String

    package init(_ left: String, _ right: String) {
        self.left = left
        self.right = right
    }
}

/// A token that is found in the text itself rather than made by merges.
package struct AddedToken: Sendable, Hashable {
    package var id: Int32
    package var content: String
    /// A control token such as `<|im_end|>`, dropped from decoded text on request.
    package var isSpecial: Bool
    /// Swallows white space before it or after it.
    package var stripsLeft: Bool
    package var stripsRight: Bool
    /// Counts only where no letter or digit stands beside it.
    package var isSingleWord: Bool
    /// Is looked for after normalisation rather than before.
    package var isNormalized: Bool

    package init(
        id: Int32, content: String, isSpecial: Bool, stripsLeft: Bool = false, stripsRight: Bool = false,
        isSingleWord: Bool = false, isNormalized: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.isSingleWord = isSingleWord
        self.isNormalized = isNormalized
    }
}

/// How text is rewritten first.
package enum Normalization: Sendable, Hashable {
    case none
    /// Unicode canonical composition (Qwen2).
    case nfc
    /// Spaces become ▁; `prefixed` puts one more in front (Llama 2 and its kin).
    case metaspace(prefixed: Bool)
}

/// How text is cut into the words within which merges happen.
package enum PreTokenizer: Sendable, Hashable {
    /// Byte level, GPT-2's pattern.
    case gpt2
    /// Byte level, every digit by itself and GPT-2's pattern between digits (SmolLM, StarCoder).
    case smolLM
    /// Byte level, Llama 3's pattern (close to cl100k; up to three digits together).
    case llama3
    /// Byte level, Qwen2's pattern (as Llama 3's, but digits one by one).
    case qwen2
    /// Plain text with ▁ for spaces, cut before each ▁ if `splits`.
    case metaspace(prefix: PrefixRule, splits: Bool)
    /// Plain text, not cut.
    case whole
    /// As `whole`, for vocabularies in which no token has a ▁ after something else; the tokenizer chooses
    /// this by itself.
    case wholeBeforeSpaces

    /// When `metaspace` puts a ▁ in front; never where one stands already.
    package enum PrefixRule: String, Sendable, Hashable {
        case always, first, never
    }

    /// Whether the vocabulary is written in GPT-2's printable bytes.
    package var isByteLevel: Bool {
        switch self {
        case .gpt2, .smolLM, .llama3, .qwen2: true
        case .metaspace, .whole, .wholeBeforeSpaces: false
        }
    }
}
