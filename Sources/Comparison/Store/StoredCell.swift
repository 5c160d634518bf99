/// A cell as a file of results holds it.
package struct StoredCell: Sendable {
    package enum Status: String, Sendable {
        /// Begun, and never finished: what there is of it counts for nothing.
        case running
        case done
        /// The method came to no result, for the reason that is stored.
        case failed
    }

    package var cell: ComparisonCell
    package var status: Status
    package var problem: String?
    package var cost: CellCost
    package var measurement: CellMeasurement

    package init(cell: ComparisonCell, status: Status, problem: String?, cost: CellCost, measurement: CellMeasurement) {
        (self.cell, self.status, self.problem) = (cell, status, problem)
        (self.cost, self.measurement) = (cost, measurement)
    }
}
