/// Porter's suffix stripping ("An algorithm for suffix stripping", Program 14(3), 1980) with the extensions of NLTK's default mode,
/// which is what rouge-score applies. Words are lower-case ASCII.
package enum PorterStemmer {
    /// The stem of a word.
    package static func stem(_ word: String) -> String {
        if let known = irregular[word] { return known }
        var bytes = Array(word.utf8)
        guard bytes.count > 2 else { return word }
        for step in [plural, participle, finalY, doubleSuffix, suffix, ending, finalE, finalL] { bytes = step(bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private typealias Word = [UInt8]

    private static let irregular = [
        "skies": "sky", "sky": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news", "innings": "inning",
        "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning", "howe": "howe",
        "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
    ]

    // MARK: What the rules ask

    private static func consonants(_ word: Word) -> [Bool] {
        var flags: [Bool] = []
        for letter in word {
            switch letter {
            case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): flags.append(false)
            case UInt8(ascii: "y"): flags.append(flags.last.map { !$0 } ?? true)
            default: flags.append(true)
            }
        }
        return flags
    }

    /// How often a consonant follows a vowel: Porter's m.
    private static func measure(_ word: Word) -> Int {
        let flags = consonants(word)
        return zip(flags, flags.dropFirst()).count { !$0 && $1 }
    }

    private static func endsInDoubleConsonant(_ word: Word) -> Bool {
        word.count >= 2 && word[word.count - 1] == word[word.count - 2] && consonants(word)[word.count - 1]
    }

    /// Consonant, vowel, consonant other than w, x and y; of two letters, vowel and consonant.
    private static func endsShort(_ word: Word) -> Bool {
        let flags = consonants(word)
        if word.count == 2 { return !flags[0] && flags[1] }
        guard word.count >= 3, let last = word.last else { return false }
        return flags.suffix(3) == [true, false, true] && !Array("wxy".utf8).contains(last)
    }

    private static func without(_ ending: String, _ word: Word) -> Word? {
        word.count >= ending.utf8.count && word.suffix(ending.utf8.count).elementsEqual(ending.utf8)
            ? Array(word.dropLast(ending.utf8.count)) : nil
    }

    /// The first rule whose ending a word has decides, whether its condition holds or not.
    private static func applying(_ rules: [(String, String)], _ word: Word, _ condition: (Word, String) -> Bool) -> Word {
        for (ending, replacement) in rules {
            guard let stem = without(ending, word) else { continue }
            return condition(stem, ending) ? stem + replacement.utf8 : word
        }
        return word
    }

    // MARK: The steps 1a to 5b

    private static func plural(_ word: Word) -> Word {
        if word.count == 4, let stem = without("ies", word) { return stem + "ie".utf8 }
        return applying([("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")], word) { _, _ in true }
    }

    private static func participle(_ word: Word) -> Word {
        if let stem = without("ied", word) { return stem + (word.count == 4 ? "ie" : "i").utf8 }
        if let stem = without("eed", word) { return measure(stem) > 0 ? stem + "ee".utf8 : word }
        let stems = ["ed", "ing"].compactMap { without($0, word) }
        guard let stem = stems.first(where: { consonants($0).contains(false) }), let last = stem.last else { return word }
        for ending in ["at", "bl", "iz"] where without(ending, stem) != nil { return stem + "e".utf8 }
        if endsInDoubleConsonant(stem) { return Array("lsz".utf8).contains(last) ? stem : Array(stem.dropLast()) }
        return measure(stem) == 1 && endsShort(stem) ? stem + "e".utf8 : stem
    }

    private static func finalY(_ word: Word) -> Word {
        applying([("y", "i")], word) { stem, _ in stem.count > 1 && consonants(stem)[stem.count - 1] }
    }

    private static func doubleSuffix(_ word: Word) -> Word {
        if let stem = without("alli", word), measure(stem) > 0 { return doubleSuffix(stem + "al".utf8) }
        let rules = [
            ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"),
            ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
            ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
            ("fulli", "ful"), ("logi", "log"),
        ]
        return applying(rules, word) { stem, ending in measure(ending == "logi" ? stem + "l".utf8 : stem) > 0 }
    }

    private static func suffix(_ word: Word) -> Word {
        let rules = [
            ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
        ]
        return applying(rules, word) { stem, _ in measure(stem) > 0 }
    }

    private static func ending(_ word: Word) -> Word {
        let endings = [
            "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive",
            "ize",
        ]
        return applying(endings.map { ($0, "") }, word) { stem, ending in
            measure(stem) > 1 && (ending != "ion" || stem.last == UInt8(ascii: "s") || stem.last == UInt8(ascii: "t"))
        }
    }

    private static func finalE(_ word: Word) -> Word {
        guard let stem = without("e", word) else { return word }
        let measure = measure(stem)
        return measure > 1 || (measure == 1 && !endsShort(stem)) ? stem : word
    }

    private static func finalL(_ word: Word) -> Word {
        applying([("ll", "l")], word) { stem, _ in measure(stem + "l".utf8) > 1 }
    }
}
