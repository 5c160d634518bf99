extension Kernel {
    /// The table of Kernels/README.md. Neighbours that differ in nothing but their names share a row.
    package static var table: String {
        var rows: [(names: [String], rest: [String])] = []
        for kernel in all {
            if let last = rows.last, last.rest == kernel.columns {
                rows[rows.count - 1].names.append(kernel.name)
            } else {
                rows.append(([kernel.name], kernel.columns))
            }
        }
        let head = ["kernel", "operands", "integers n", "reals x", "work", "in place", "meaning"]
        let lines = [head, head.map { _ in "---" }] + rows.map { [$0.names.joined(separator: ", ")] + $0.rest }
        return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    /// Kernels/arguments.h: what the texts in every language call the integers and reals.
    package static var argumentTypes: String {
        let types = all.map { kernel in
            let integers = kernel.fields.map { identifier($0.name) + ($0.count > 1 ? "[\($0.count)]" : "") }
            let reals = kernel.reals.isEmpty ? ["none"] : kernel.reals
            return """
                typedef struct { long \(integers.joined(separator: ", ")); } \(kernel.name)_integers;
                typedef struct { float \(reals.joined(separator: ", ")); } \(kernel.name)_reals;

                """
        }
        return """
            // The numbers of every kernel, in C and OpenCL C. Written from the declarations in Sources/Graph/Kernels by their test.
            #ifndef OFMU_ARGUMENTS_H
            #define OFMU_ARGUMENTS_H

            #define RANK \(Collapse.rank)

            \(types.joined())
            #endif

            """
    }

    private static func identifier(_ name: String) -> String { name.split(separator: " ").joined(separator: "_") }

    private var columns: [String] {
        [
            operands.map { $0.type == .index ? "ids \($0.name)" : $0.name }.joined(separator: ", "),
            fields.map {
                $0.count > 1 && $0 != .layout && !$0.name.hasPrefix("strides ") || $0.count == 5 ? "\($0.name) (\($0.count))" : $0.name
            }
            .joined(separator: ", "),
            reals.joined(separator: ", "), units, inPlace.map { operands[$0.operand].name }.joined(separator: ", "), meaning,
        ]
    }

    private var units: String {
        switch division {
        case .flat, .strided: "elements"
        case .walk(let rows, let columns):
            "elements (\((rows.indices + columns.indices).map { fields[$0].name }.joined(separator: "·")))"
        case .rows: "rows"
        case .blocks: "rows (blocks)"
        case .matmul: "matmul"
        }
    }
}
