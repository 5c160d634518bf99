/// The spaces around a Mistral template's marks, which changed from release to release.
struct MistralSpacing: Sendable, Hashable {
    var questionOpen = "[INST] "
    var questionClose = " [/INST]"
    var answerOpen = ""
    var answerClose = ""
    var answerTail = ""
    var trimsAnswer = false

    init() {}

    /// Reads the spacing off the string literals of a Jinja template.
    init(jinja: String) {
        func has(_ text: String) -> Bool { jinja.contains(text) }
        let spacedOpen = has("[INST] ")
        let leadingSpace = has("' [INST]") || has("\" [INST]")
        questionOpen = (leadingSpace ? " " : "") + (spacedOpen ? "[INST] " : "[INST]")
        questionClose = has(" [/INST]") ? " [/INST]" : "[/INST]"
        trimsAnswer = has("|trim + eos_token") || has("| trim + eos_token")
        for space in ["' '", "\" \""] {
            if has("+ \(space) + eos_token") { answerClose = " " }
            if has("eos_token + \(space)") { answerTail = " " }
            // The same space in front of anything else opens the answer.
            if Self.follows(space + " + ", in: jinja, butNot: "eos_token") { answerOpen = " " }
        }
    }

    /// Whether `opening` stands in the template with something other than `exception` behind it.
    private static func follows(_ opening: String, in jinja: String, butNot exception: String) -> Bool {
        var rest = Array(jinja.utf8)[...]
        while !rest.isEmpty {
            if rest.starts(with: opening.utf8) {
                rest = rest.dropFirst(opening.utf8.count)
                if !rest.starts(with: exception.utf8) { return true }
            } else {
                rest = rest.dropFirst()
            }
        }
        return false
    }
}
