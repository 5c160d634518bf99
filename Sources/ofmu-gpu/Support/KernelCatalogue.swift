import Graph

extension KernelBenchmark {
    /// Every family of kernels: products at the sizes of SmolLM2-135M with 4 times 64 tokens, and arrays too large for caches.
    static let all: [KernelBenchmark] = products + elementwise + rows + tables + vectors

    private static let width = 576, hidden = 1536, vocabulary = 49152, tokens = 256
    /// A flat vector far larger than any cache.
    private static let flat = 1 << 24

    private static let products: [KernelBenchmark] = [
        matmul(1024, 1024, 1024), matmul(tokens, hidden, width), matmul(tokens, width, hidden),
        matmul(tokens, vocabulary, width), matmul(64, 64, 64, batch: 36),
    ]

    /// [m, k] times the transpose of [n, k], as a linear layer computes it.
    private static func matmul(_ m: Int, _ n: Int, _ k: Int, batch: Int = 1) -> KernelBenchmark {
        let strides = [0, 0, m * k, k, 1] + [0, 0, n * k, 1, k]
        return KernelBenchmark(
            kernel: "matmul", size: "\(batch > 1 ? "\(batch) x " : "")\(m) x \(k) . \(k) x \(n)",
            buffers: [.real(batch * m * n), .real(batch * m * k), .real(batch * n * k)],
            integers: [m, n, k, 1, 1, batch] + strides + [0, 1], work: .matmul,
            flops: 2 * Double(batch * m) * Double(n * k), bytes: 4 * Double(batch) * Double(m * n + m * k + n * k),
            product: batch == 1 ? Product(m: m, n: n, k: k) : nil)
    }

    private static let elementwise: [KernelBenchmark] = {
        let count = flat
        let layout = [1, 1, 1, 1, 1, count], stride = [0, 0, 0, 0, 0, 1]
        // A transposed view, [rows, columns] read as [columns, rows].
        let turned = [1, 1, 1, 1, 1 << 10, flat >> 10], turnedStride = [0, 0, 0, 0, 1, 1 << 10]
        var cases = ["exp", "sigmoid", "tanh", "silu_0", "silu_1", "gelu_0", "rsqrt"].map {
            element($0, count: count, inputs: 1, integers: [count], flops: 1)
        }
        cases.append(element("scale", count: count, inputs: 1, integers: [count], reals: [0.5], flops: 1))
        cases.append(element("copy", count: count, inputs: 1, integers: [count] + layout + stride))
        var transposed = element("copy", count: count, inputs: 1, integers: [count] + turned + turnedStride)
        transposed.size += ", transposed"
        cases.append(transposed)
        for name in ["add", "multiply"] {
            cases.append(
                element(name, count: count, inputs: 2, integers: [count] + layout + stride + stride, flops: 1))
        }
        return cases
    }()

    private static func element(
        _ kernel: String, count: Int, inputs: Int, integers: [Int], reals: [Double] = [], flops: Double = 0
    ) -> KernelBenchmark {
        KernelBenchmark(
            kernel: kernel, size: "\(count)", buffers: [Contents](repeating: .real(count), count: 1 + inputs),
            integers: integers, reals: reals, work: .elements(count), flops: flops * Double(count),
            bytes: 4 * Double(count * (1 + inputs)))
    }

    private static let rows: [KernelBenchmark] = [
        row("rms_norm", 1 << 15, width, output: width, inputs: 1, reals: [1e-5], flops: 4),
        row("layer_norm", 1 << 15, width, output: width, inputs: 1, reals: [1e-5], flops: 7),
        row("softmax", 1 << 16, 256, output: 256, inputs: 1, flops: 4),
        row("softmax_tangent", 1 << 16, 256, output: 256, inputs: 2, flops: 4),
        row("row_dot", 1 << 15, width, output: 1, inputs: 2, reals: [1], flops: 2),
        labelled("cross_entropy", tokens, vocabulary, output: 1, flops: 3),
    ]

    private static func row(
        _ kernel: String, _ rows: Int, _ columns: Int, output: Int, inputs: Int, reals: [Double] = [], flops: Double
    ) -> KernelBenchmark {
        KernelBenchmark(
            kernel: kernel, size: "\(rows) x \(columns)",
            buffers: [.real(rows * output)] + [Contents](repeating: .real(rows * columns), count: inputs),
            integers: [rows, columns], reals: reals, work: .rows(rows), flops: flops * Double(rows * columns),
            bytes: 4 * Double(rows * (output + inputs * columns)))
    }

    private static func labelled(
        _ kernel: String, _ rows: Int, _ columns: Int, output: Int, flops: Double
    ) -> KernelBenchmark {
        var made = row(kernel, rows, columns, output: output, inputs: 1, flops: flops)
        made.buffers.append(.index(rows, limit: columns))
        return made
    }

    private static let tables: [KernelBenchmark] = {
        let moved = 4 * Double(2 * 4 * tokens * width)
        let rows = 4 * tokens, heads = 9, head = 64
        return [
            KernelBenchmark(
                kernel: "gather_rows", size: "\(rows) of \(vocabulary) x \(width)",
                buffers: [.real(rows * width), .real(vocabulary * width), .index(rows, limit: vocabulary)],
                integers: [rows, width, width, vocabulary], work: .elements(rows * width), bytes: moved),
            KernelBenchmark(
                kernel: "scatter_rows", size: "\(rows) into \(vocabulary) x \(width)",
                buffers: [.real(vocabulary * width), .real(rows * width), .index(rows, limit: vocabulary)],
                integers: [rows, width, vocabulary, 0], work: .elements(vocabulary * width),
                bytes: 4 * Double((vocabulary + rows) * width)),
            KernelBenchmark(
                kernel: "rope", size: "\(rows) x \(heads) x \(head)",
                buffers: [
                    .real(rows * heads * head), .real(rows * heads * head), .real(64 * head / 2), .real(64 * head / 2),
                    .index(rows, limit: 64),
                ],
                integers: [rows, heads, head, head, 1, heads * head, head, 64], work: .elements(rows * heads * head),
                flops: 3 * Double(rows * heads * head), bytes: 8 * Double(rows * heads * head)),
        ]
    }()

    private static let vectors: [KernelBenchmark] = {
        let block = 1 << 14, blocks = flat / block
        func blocked(_ kernel: String, width: Int, flops: Double) -> KernelBenchmark {
            KernelBenchmark(
                kernel: kernel, size: "\(flat)", buffers: [.real(blocks * width), .real(flat), .real(flat)],
                integers: [flat, block], work: .rows(blocks), flops: flops * Double(flat), bytes: 8 * Double(flat))
        }
        return [
            blocked("dot_blocks", width: 1, flops: 2), blocked("similarity_dots", width: 3, flops: 6),
            KernelBenchmark(
                kernel: "similarity_directions", size: "\(flat)",
                buffers: [.real(2 * flat), .real(flat), .real(flat), .real(4)], integers: [flat], work: .elements(flat),
                flops: 6 * Double(flat), bytes: 16 * Double(flat)),
            KernelBenchmark(
                kernel: "axpy", size: "\(flat)", buffers: [.real(flat), .real(flat)], integers: [flat], reals: [1e-6],
                work: .elements(flat), flops: 2 * Double(flat), bytes: 12 * Double(flat)),
            KernelBenchmark(
                kernel: "adamw", size: "\(flat)", buffers: [Contents](repeating: .real(flat), count: 4), integers: [flat],
                reals: [1e-6, 0.9, 0.999, 1e-8, 0, 0.1, 0.001, 1], work: .elements(flat), flops: 14 * Double(flat),
                bytes: 28 * Double(flat)),
        ]
    }()
}
