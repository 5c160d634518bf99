/// How rates change over a run: a rise from zero, then a fall in a line.
struct RateSchedule: Hashable, Sendable {
    /// Steps over which the rate rises; the last of them has the largest rate.
    var warmUp: Int
    /// From there the rate falls in a line that would reach this share of its largest value one step after the last: every step has a
    /// rate. At 1 it stays.
    var finalShare: Double

    /// The share of the largest rate at a step, counted from 1.
    func share(_ step: Int, of steps: Int) -> Double {
        let peak = max(1, warmUp)
        if step <= peak { return Double(step) / Double(peak) }
        return finalShare + (1 - finalShare) * Double(steps + 1 - step) / Double(steps + 1 - peak)
    }
}
