import Testing

@Suite("What is written about the code")
struct DocumentationTests {
    private let swift: [(path: String, lines: [Substring])]

    init() throws {
        swift = try (Repository.files(in: "Sources", ending: ".swift") + Repository.files(in: "Tests", ending: ".swift")).map {
            ($0, try Repository.text($0).split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Every word of the code itself, comments left out.
    private func vocabulary() throws -> Set<Substring> {
        var words: Set<Substring> = []
        for (_, lines) in swift {
            for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                words.formUnion(line.split { !($0.isLetter || $0.isNumber || $0 == "_") })
            }
        }
        for path in try Repository.files(in: "Sources", ending: ".c", ".h") + Repository.files(in: "Kernels", ending: ".cl") {
            words.formUnion(try Repository.text(path).split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { Substring(String($0)) })
        }
        return words
    }

    @Test("Every type and member that pages and comments name in back-ticks exists")
    func namesExist() throws {
        let words = try vocabulary()
        var texts = try Repository.pages().map { ($0, try Repository.text($0)) }
        for (path, lines) in swift where path.hasPrefix("Sources/") {
            texts.append((path, lines.filter { $0.drop(while: { $0 == " " }).hasPrefix("//") }.joined(separator: "\n")))
        }
        for (path, text) in texts {
            for name in text.backTicked where name.isTypeName {
                let isKnown = name.nameParts.allSatisfy(words.contains)
                #expect(isKnown, "\(path): `\(name)`")
            }
        }
    }

    /// What a protocol asks for is documented there.
    private static let witnesses = [
        "description: String", "static func ==", "func hash(into", "init(nilLiteral", "init(booleanLiteral", "init(integerLiteral",
        "init(floatLiteral", "init(stringLiteral", "init(arrayLiteral", "init(dictionaryLiteral", "rawValue: String", "init?(rawValue",
        "let key =", "let title =", "func value(_ answered", "wantsStop: Bool", "func whileIdle", "func hear(",
    ]

    @Test("What is public has a documentation comment")
    func publicIsDocumented() {
        var count = 0
        for (path, lines) in swift where path.hasPrefix("Sources/") && !path.hasPrefix("Sources/ofmu-gpu/") {
            for (number, line) in lines.enumerated() where line.drop(while: { $0 == " " }).hasPrefix("public ") {
                if Self.witnesses.contains(where: line.contains) { continue }
                let before = lines[..<number].last { !$0.drop(while: { $0 == " " }).hasPrefix("@") } ?? ""
                #expect(before.drop(while: { $0 == " " }).hasPrefix("///"), "\(path):\(number + 1): \(line)")
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test("The README shows the example that is compiled")
    func readmeExample() throws {
        let example = try Repository.text("Examples/Forget/Forget.swift")
        let start = try #require(example.firstRange(of: "import Backends"))
        #expect(try Repository.text("README.md").contains("\n```swift\n" + example[start.lowerBound...] + "```\n"))
    }

    @Test("One version of Swift is asked for")
    func version() throws {
        let manifest = try Repository.text("Package.swift")
        let version = try #require(manifest.firstMatch(of: /swift-tools-version: *(\d+\.\d+)/)?.1)
        for path in ["README.md", "scripts/setup.sh", "Sources/CKernels/sources.c"] {
            let named = try Repository.text(path).matches(of: /Swift (\d+\.\d+)/).map(\.1)
            #expect(!named.isEmpty && named.allSatisfy { $0 == version }, "\(path)")
        }
    }

    @Test("No file of the sources is longer than 400 lines")
    func lengths() {
        for (path, lines) in swift where path.hasPrefix("Sources/") { #expect(lines.count <= 400, "\(path)") }
    }
}

extension String {
    /// "Unlearner", "ForgetTarget.none" or "Plan<T>": what can only be the name of a type, with or without a member.
    fileprivate var isTypeName: Bool {
        wholeMatch(of: /[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(<[A-Za-z0-9., ]+>)?(\.[a-zA-Z0-9]+)*(\([a-zA-Z:_]*\))?/) != nil
    }

    fileprivate var nameParts: [Substring] { split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { Substring(String($0)) } }
}
