import Comparison
import Evaluation
import Files
import Glibc
import Testing

@Suite("How a comparison is read")
struct ReportRuleTests {
    private func cell(_ role: ComparisonCell.Role, _ label: String, losses: [Double], retain: Double, seed: UInt64 = 0) -> StoredCell {
        let figures = [
            "forget_Q_A_Prob": CellFigure(0.5, examples: losses.map { exp(-$0) }),
            "retain_Q_A_Prob": CellFigure(retain, examples: [retain]),
        ]
        var cell = ComparisonCell(role, split: "s", label: label)
        cell.seed = seed
        return StoredCell(
            cell: cell, status: .done, problem: nil, cost: CellCost(),
            measurement: CellMeasurement(figures: figures))
    }

    @Test("D is the largest difference of two distribution functions")
    func distance() {
        #expect(KolmogorovSmirnov.distance([1, 2, 3, 4], [1, 2, 3, 4]) == 0)
        #expect(KolmogorovSmirnov.distance([1, 2], [3, 4]) == 1)
        // By hand: after 2, one half against none of the other's; after 3 three quarters against a half.
        #expect(KolmogorovSmirnov.distance([1, 2, 3, 4], [3, 3, 5, 6]) == 0.5)
        // Values that are equal count on both sides before they are compared.
        #expect(abs((KolmogorovSmirnov.distance([2, 2, 2], [2, 2, 5]) ?? .nan) - 1.0 / 3) < 1e-15)
    }

    @Test("The nearest of those that keep utility stands for a method, and the most useful where none does")
    func selection() {
        let trained = cell(.trained, "", losses: [0, 0, 0, 0], retain: 0.5),
            retrained = cell(.retrained, "1", losses: [1, 2, 3, 4], retain: 0.5)
        let reference = SplitReference([trained, retrained], split: "s")
        let near = ComparisonRow([cell(.unlearned, "near", losses: [1, 2, 3, 4], retain: 0.4)], against: reference)
        let middle = ComparisonRow([cell(.unlearned, "middle", losses: [1, 2, 9, 9], retain: 0.5)], against: reference)
        let far = ComparisonRow([cell(.unlearned, "far", losses: [9, 9, 9, 9], retain: 0.6)], against: reference)
        #expect(near.mean("distance") == 0 && near.mean("utility") == 0.8)
        #expect(SelectionRule.best([near, middle, far])?.label == "middle")
        #expect(SelectionRule.best([near])?.label == "near")
        #expect(
            SelectionRule.best([near, ComparisonRow([cell(.unlearned, "low", losses: [1, 2, 3, 4], retain: 0.1)], against: reference)])?
                .label == "near")
    }

    @Test("Two models that are the same differ by nothing in every draw; one that is far is surely farther")
    func bootstrap() throws {
        let values = (0..<20).map(Double.init)
        let reference = SplitReference([cell(.retrained, "1", losses: values, retain: 1)], split: "s")
        let same = ComparisonRow([cell(.unlearned, "same", losses: values, retain: 1)], against: reference)
        let far = ComparisonRow([cell(.unlearned, "far", losses: values.map { $0 + 100 }, retain: 1)], against: reference)
        let nothing = try #require(PairedBootstrap(same, same, reference))
        #expect(nothing.difference == 0 && nothing.lower == 0 && nothing.upper == 0)
        let sure = try #require(PairedBootstrap(same, far, reference))
        #expect(sure.difference == -1 && sure.upper == -1)
    }

    @Test("Names with few letters to change are near, and others are not")
    func nearest() {
        #expect(NearestName.of("trian", among: ["train", "text"]) == "train")
        #expect(NearestName.of("zzz", among: ["train", "text"]) == nil)
    }
}
