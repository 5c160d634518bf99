import Testing

@Suite("How things are declared")
struct DeclarationTests {
    private let sources: [(path: String, text: String)]

    init() throws { sources = try Repository.files(in: "Sources", ending: ".swift").map { ($0, try Repository.text($0)) } }

    @Test("No two types of the sources have one name")
    func typeNamesAreUnique() throws {
        var places: [Substring: [String]] = [:]
        let pattern = /(?m)^(?:(?:package|public|private|fileprivate|final|indirect) )*(?:struct|class|enum|protocol|actor) (\w+)/
        for (path, text) in sources {
            for match in text.matches(of: pattern) { places[match.1, default: []].append(path) }
        }
        #expect(places.count > 200)
        for (name, paths) in places where paths.count > 1 { Issue.record("\(name): \(paths)") }
    }

    @Test("No function has four parameters without a label")
    func parametersHaveLabels() throws {
        var count = 0
        for (path, text) in sources {
            for match in text.matches(of: /(?:func \w+(?:<[^>]*>)?|init[?]?)\(/) {
                count += 1
                let unlabelled = Self.parameters(text[match.range.upperBound...]).count { $0.hasPrefix("_ ") }
                #expect(unlabelled < 4, "\(path): \(text[match.range])")
            }
        }
        #expect(count > 1000)
    }

    /// What stands between the commas up to the closing parenthesis, brackets of types and defaults left whole.
    private static func parameters(_ text: Substring) -> [String] {
        var parts = [""]
        var depth = 0
        var previous: Character = " "
        for character in text {
            switch character {
            case "(", "[", "{", "<": depth += 1
            case ")" where depth == 0: return parts.map { String($0.drop { $0 == " " || $0 == "\n" }) }
            case ")", "]", "}": depth -= 1
            case ">" where previous != "-": depth -= 1
            default: break
            }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
            previous = character
        }
        return []
    }
}
