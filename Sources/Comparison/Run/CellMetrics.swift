import Data
import Evaluation
import Inference
import Text

/// What is measured of every model of a comparison.
package protocol CellMetrics {
    /// - Parameters:
    ///   - judge: a model that never saw the forget rows, under which answers are judged for how likely they are as text.
    ///   - progress: called with what is being asked.
    func measure(
        _ session: LanguageModelSession, _ data: SplitData, _ encoder: Encoder, judge: LanguageModelSession?,
        progress: (_ what: String) -> Void
    ) throws -> CellMeasurement
}
