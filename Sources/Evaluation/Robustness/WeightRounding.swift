import Files
import Glibc
import Inference
import Models

/// Ways to round weights to few bits. Rounded and written back as reals, they show what a quantised model knows.
package enum WeightRounding: String, CaseIterable, Sendable, Hashable {
    /// llama.cpp's Q8_0: 32 numbers of a row share a half-precision scale, the largest magnitude over 127.
    case eightBit = "8bit"
    /// llama.cpp's Q4_0: 32 numbers of a row share a half-precision scale, the number of largest magnitude over −8.
    case fourBit = "4bit"
    /// The 4-bit NormalFloat of QLoRA (Dettmers et al., arXiv 2305.14314), as bitsandbytes applies it: 64 numbers share a scale, the
    /// largest magnitude, which is not rounded itself.
    case normalFloat = "nf4"

    /// NF4's numbers: quantiles of a normal distribution, 8 above zero and 7 below, brought to −1…1 (QLoRA, appendix E).
    static let normalFloats: [Float] = [
        -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
        -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
        0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
    ]

    package var title: String {
        switch self {
        case .eightBit: "8 bits (Q8_0)"
        case .fourBit: "4 bits (Q4_0)"
        case .normalFloat: "4 bits (NF4)"
        }
    }

    /// Whether a parameter is rounded: linear maps are; embeddings and head by llama.cpp and not by bitsandbytes; vectors and what
    /// neither has, such as filters of images, are not.
    package func applies(to role: ParameterRole) -> Bool {
        switch role {
        case .projection: true
        case .table: self != .normalFloat
        case .vector, .adapter, .filters, .statistic: false
        }
    }

    /// The numbers of a matrix [rows, columns] rounded and brought back. A last block may be short.
    package func rounded(_ values: [Float], columns: Int) -> [Float] {
        // bitsandbytes divides the whole matrix into blocks, llama.cpp every row.
        let (stretch, block) = self == .normalFloat ? (values.count, 64) : (columns, 32)
        var result = values
        for row in stride(from: 0, to: values.count, by: max(1, stretch)) {
            let end = min(row + stretch, values.count)
            for start in stride(from: row, to: end, by: block) { round(&result, start..<min(start + block, end)) }
        }
        return result
    }

    private func round(_ values: inout [Float], _ block: Range<Int>) {
        var largest: Float = 0
        for value in values[block] where abs(value) > abs(largest) { largest = value }
        guard largest != 0 else { return }
        switch self {
        case .eightBit:
            let scale = abs(largest) / 127, stored = halfRounded(scale)
            for place in block { values[place] = (values[place] * (1 / scale)).rounded(.toNearestOrAwayFromZero) * stored }
        case .fourBit:
            let scale = largest / -8, stored = halfRounded(scale)
            for place in block { values[place] = (min(15, (values[place] * (1 / scale) + 8.5).rounded(.down)) - 8) * stored }
        case .normalFloat:
            let scale = abs(largest)
            for place in block { values[place] = Self.nearest(values[place] / scale) * scale }
        }
    }

    private static func nearest(_ value: Float) -> Float {
        var best = normalFloats[0]
        for candidate in normalFloats where abs(candidate - value) < abs(best - value) { best = candidate }
        return best
    }

    /// A model with its weights rounded, adapters merged before.
    package func rounded(_ model: LoadedModel) -> LoadedModel {
        var result = model
        for specification in model.model.specifications where applies(to: specification.role) {
            var values = model.merged(specification)
            if case .projection(.inputsFirst) = specification.role {
                let (inputs, outputs) = (specification.shape[0], specification.shape[1])
                values = Self.transposed(values, rows: inputs, columns: outputs)
                values = Self.transposed(rounded(values, columns: inputs), rows: outputs, columns: inputs)
            } else {
                values = rounded(values, columns: specification.shape.last ?? values.count)
            }
            if let entry = model.split.trainable[specification.name] {
                result.trainable.replaceSubrange(entry.range, with: values)
            } else if let entry = model.split.frozen[specification.name] {
                result.frozen.replaceSubrange(entry.range, with: values)
            }
        }
        // Adapters are in the rounded weights now.
        for entry in model.split.trainable.entries where entry.specification.role == .adapter {
            result.trainable.replaceSubrange(entry.range, with: repeatElement(0, count: entry.count))
        }
        return result
    }

    private static func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<values.count).map { values[($0 % rows) * columns + $0 / rows] }
    }
}
