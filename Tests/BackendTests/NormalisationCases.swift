import Graph

extension ContractCase {
    static func normalisationCases() -> [ContractCase] {
        rowShapes.flatMap { rows, columns in
            [true, false].flatMap { isRMS in
                [
                    normCase(isRMS, rows, columns, scaleOnly: false), normCase(isRMS, rows, columns, scaleOnly: true),
                    tangentCase(isRMS, rows, columns),
                ]
            }
        }
    }

    private static let epsilon = 1e-3

    private static func normCase(_ isRMS: Bool, _ rows: Int, _ columns: Int, scaleOnly: Bool) -> ContractCase {
        var builder = CaseBuilder(seed: rows * columns)
        // Layer norm removes the mean; RMS norm works in place here.
        let values = builder.values(rows * columns, scale: 3).map { $0 + (isRMS ? 0 : 10) }
        let a = values.map(Double.init)
        if scaleOnly { builder.real(rows) } else { builder.real(isRMS ? values : builder.values(values.count)) }
        if isRMS && !scaleOnly { builder.alias(0) } else { builder.real(values) }
        var scales: [Double] = []
        let normalised = (0..<rows).flatMap { row in
            let values = a[row * columns..<(row + 1) * columns]
            let mean = isRMS ? 0 : values.reduce(0, +) / Double(columns)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            scales.append(1 / (square + epsilon).squareRoot())
            return values.map { ($0 - mean) * scales[row] }
        }
        return builder.build(
            (isRMS ? "rms" : "layer") + (scaleOnly ? "_scale" : "_norm"), "\(rows)×\(columns)",
            integers: [rows, columns], reals: [epsilon], work: .rows(rows),
            expected: [0: scaleOnly ? scales : normalised], magnitude: columns == 1 ? 1 : nil)
    }

    private static func tangentCase(_ isRMS: Bool, _ rows: Int, _ columns: Int) -> ContractCase {
        var builder = CaseBuilder(seed: rows * columns)
        // z is v.
        var v = builder.real(rows * columns)
        let y = builder.real(rows * columns)
        let n = builder.real(rows)
        builder.alias(0)
        for row in 0..<rows {
            let range = row * columns..<(row + 1) * columns
            let along = range.reduce(0) { $0 + y[$1] * v[$1] } / Double(columns)
            let mean = isRMS ? 0 : range.reduce(0) { $0 + v[$1] } / Double(columns)
            for i in range { v[i] = n[row] * (v[i] - mean - y[i] * along) }
        }
        return builder.build(
            isRMS ? "rms_tangent" : "layer_tangent", "\(rows)×\(columns) in place", integers: [rows, columns],
            work: .rows(rows), expected: [0: v], magnitude: 1)
    }
}
