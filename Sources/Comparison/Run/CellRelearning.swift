import Data
import Evaluation
import Inference
import Unlearning

/// How fast a model learns again what it was to forget: it is trained on every second forget row, and the rows between are asked. A model
/// that only hides what it knows says them soon; one that never knew must learn them.
package struct CellRelearning {
    /// The metric's key: the mean over the steps of the other rows' answer probability, by the trapezoid rule.
    static let key = "relearned_probability"
    private static let points = 4
    private let settings: TrainingSettings

    package init(_ settings: TrainingSettings) { self.settings = settings }

    /// Trains the session's parameters, which are of no use after.
    /// - Returns: the metric, and the curve it is the area under; nil for a model that cannot be trained because its numbers overflow.
    package func measure(_ session: LanguageModelSession, _ forget: [TokenExample]) throws -> [String: CellFigure]? {
        let places = forget.indices
        let learned = places.filter { $0 % 2 == 0 }.map { forget[$0] }, held = places.filter { $0 % 2 == 1 }.map { forget[$0] }
        let trainer = try Trainer(
            session.loss, session.trainable, examples: ExampleSet(learned, context: session.model.dimensions.context), settings,
            on: session.backend)
        let losses = LossEvaluator(session)
        var curve = MeasuredRelearning()
        let stops = Set((0...Self.points).map { $0 * trainer.steps / Self.points })
        while true {
            if stops.contains(trainer.step) {
                curve.steps.append(trainer.step)
                curve.probabilities.append(try losses.scores(held).map(\.probability))
            }
            if trainer.isFinished { break }
            do { _ = try trainer.advance() } catch UnlearningError.trainingDiverged { return nil }
        }
        let areas = held.indices.map(curve.area)
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        let interval = BootstrapInterval([.init("held", areas)]) { mean($0[0]) }
        var figures = [Self.key: CellFigure(mean(areas), interval: interval.map { $0.lower...$0.upper }, examples: areas)]
        for (step, level) in zip(curve.steps, curve.curve(.all)) { figures["\(Self.key)_\(step)"] = CellFigure(level) }
        return figures
    }
}
