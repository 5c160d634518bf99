import Data
import Files
import Inference
import Models

/// A diagnosis as a safetensors file: the batches it was made on and its vectors under the parameters' names.
package struct DiagnosisDump {
    private var file = TensorDump()

    package init(_ diagnosis: Diagnosis, _ layout: ParameterLayout, forget: TokenBatch, retain: TokenBatch) {
        add(forget, "forget")
        add(retain, "retain")
        let vectors = diagnosis.vectors
        for (title, vector) in [
            ("g_f", vectors.forgetGradient), ("g_r", vectors.retainGradient), ("grad_phi", vectors.penaltyGradient),
            ("hessian_phi_v", vectors.product),
        ] {
            for entry in layout.entries { file.add("\(title)/\(entry.name)", entry.shape, Array(vector[entry.range])) }
        }
    }

    package func write(to path: String) throws(FileError) { try file.write(to: path) }

    /// Shorter examples are filled up on the right with tokens that no label looks at.
    private mutating func add(_ batch: TokenBatch, _ role: String) {
        let length = batch.examples.map(\.ids.count).max() ?? 0
        let filled = { (values: [Int32], filler: Int32) in values + [Int32](repeating: filler, count: length - values.count) }
        let shape = [batch.examples.count, length]
        file.add("\(role).ids", shape, batch.examples.flatMap { filled($0.ids, 0) })
        file.add("\(role).labels", shape, batch.examples.flatMap { filled($0.labels, TokenExample.masked) })
    }
}
