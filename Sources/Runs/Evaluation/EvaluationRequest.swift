import Evaluation
import Text

/// What an evaluation is asked to do.
package struct EvaluationRequest {
    /// A GGUF file or a Hugging Face folder: what was exported is what is evaluated.
    package var model: String
    /// Files of rows by what they are for.
    package var questions: [EvaluationRole: String]
    /// Files of multiple-choice questions by benchmark.
    package var choices: [ChoiceTask: String] = [:]
    /// The folder of MUSE's data; nil for none.
    package var muse: String?
    /// A file of plain text rows whose perplexity is measured; nil for none.
    package var plainText: String?
    /// A file of more rows whose words are known to be words, such as the training data; nil for none.
    package var known: String?
    /// The model that never saw the forget set, or its results: `eval.json`, its folder, or open-unlearning's log. Nil for none.
    package var reference: String?
    /// The model under which the generated answers' perplexity is measured; nil for none.
    package var judge: String?
    /// How rows become tokens.
    package var text: TextChoice
    /// The most rows taken of each set, evenly; nil for all.
    package var limit: Int?
    package var options = SuiteEvaluator.Options()
    /// The model before it forgot; nil for none.
    package var original: String?
    package var robustness = RobustnessEvaluator()
    /// Of the intervals.
    package var seed: UInt64 = 0

    package init(model: String, questions: [EvaluationRole: String], text: TextChoice = TextChoice()) {
        self.model = model
        self.questions = questions
        self.text = text
    }
}
