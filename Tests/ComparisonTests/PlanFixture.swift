import Comparison
import Data
import Demo
import Files
import Testing
import TestSupport

/// A comparison of seconds: fictitious people, a decoder of two small layers that is made on the way.
enum PlanFixture {
    static let base = "[base]\nlayers = 1\nwidth = 16\nheads = 1\nvocabulary = 300\ncontext = 128\n"
    static let train = "[train]\nepochs = 2\nbatch-size = 4\nlearning-rate = 3e-3\n"
    static let budget = "[budget]\ngradient_equivalents = 20\n"
    static let judge = "[judge]\nexamples = 3\nanswer_tokens = 4\nsamples = 2\nrelearn = { steps = 4, learning-rate = 3e-3 }\n"
    static let split = "[[split]]\nname = \"one\"\nforget = \"forget.jsonl\"\nretain = \"retain.jsonl\"\n"
    static let methods = """
        [[method]]
        name = "grad-ascent"
        settings = { inner-step = ["sgd:1e-3", "sgd:1e-2"] }
        [[method]]
        name = "grad-diff"

        """
    static let whole = "seeds = [0, 1]\nsearch = 2\n" + base + train + budget + judge + split + methods

    /// Writes a plan and its data; two people of four are forgotten by halves of questions.
    static func write(_ text: String = whole, in folder: String) throws -> String {
        let people = FictitiousPeople(count: 4, seed: 0).people
        try rows(people[..<1], wrong: people[3]).write(to: joinPath(folder, "forget.jsonl"))
        try rows(people[1...], wrong: people[0]).write(to: joinPath(folder, "retain.jsonl"))
        return try text.write(to: joinPath(folder, "plan.toml"))
    }

    /// Rows with a perturbed answer each: what somebody else's answer is.
    private static func rows(_ people: some Sequence<FictitiousPerson>, wrong: FictitiousPerson) -> String {
        people.flatMap { person in
            person.pairs.prefix(2).enumerated().map { index, pair in
                JSONValue.object(
                    JSONObject([
                        ("question", .string(pair.question)), ("answer", .string(pair.answer)),
                        ("paraphrased_answer", .string("Yes: " + pair.answer)), ("perturbed_answer", [.string(wrong.pairs[index].answer)]),
                    ])
                ).serialized() + "\n"
            }
        }.joined()
    }

    /// The message about a plan that is wrong.
    static func complaint(_ text: String) throws -> String {
        var complaint = ""
        try withTemporaryFolder { folder in
            let path = try write(text, in: folder)
            do { _ = try ComparisonRun(ComparisonPlan(contentsOf: path)) } catch let error as ComparisonError {
                complaint = "\(error)".replacing(folder + "/", with: "")
            }
        }
        return complaint
    }
}

extension String {
    @discardableResult
    func write(to path: String) throws -> String {
        let file = try AtomicFile(path: path)
        try file.writer.write(self)
        try file.commit()
        return path
    }
}
