import Graph

extension KernelBenchmark {
    /// Every family of kernels: products at the sizes of SmolLM2-135M with 4 times 64 tokens, and arrays too large for caches.
    package static let all: [KernelBenchmark] = products + elementwise + rows + tables + vectors

    private static let width = 576, hidden = 1536, vocabulary = 49152, tokens = 256
    /// A flat vector far larger than any cache.
    private static let flat = 1 << 24

    private static let products: [KernelBenchmark] = [
        matmul(1024, 1024, 1024), matmul(tokens, hidden, width), matmul(tokens, width, hidden),
        matmul(tokens, vocabulary, width), matmul(64, 64, 64, batch: 36),
    ]

    /// [m, k] times the transpose of [n, k], as a linear layer computes it.
    private static func matmul(_ m: Int, _ n: Int, _ k: Int, batch: Int = 1) -> KernelBenchmark {
        KernelBenchmark(
            size: "\(batch > 1 ? "\(batch) x " : "")\(m) x \(k) . \(k) x \(n)",
            buffers: [.real(batch * m * n), .real(batch * m * k), .real(batch * n * k)],
            invocation: .matmul(
                1, 2, to: 0, m: m, n: n, k: k, batch: [1, 1, batch], strides: ([0, 0, m * k, k, 1], [0, 0, n * k, 1, k])),
            flops: 2 * Double(batch * m) * Double(n * k), bytes: 4 * Double(batch) * Double(m * n + m * k + n * k),
            product: batch == 1 ? Product(m: m, n: n, k: k) : nil)
    }

    private static let elementwise: [KernelBenchmark] = {
        let count = flat
        let functions: [UnaryFunction] = [.exponential, .sigmoid, .tanh, .silu0, .silu1, .gelu0, .inverseSquareRoot]
        var cases = functions.map { element(.unary($0, 1, to: 0, count: count), inputs: 1, flops: 1) }
        cases.append(element(.scale(1, by: 0.5, to: 0, count: count), inputs: 1, flops: 1))
        cases.append(element(.copy(1, to: 0, shape: [count], strides: [1]), inputs: 1))
        // A transposed view, [rows, columns] read as [columns, rows].
        var transposed = element(.copy(1, to: 0, shape: [1 << 10, count >> 10], strides: [1, 1 << 10]), inputs: 1)
        transposed.size += ", transposed"
        cases.append(transposed)
        for function in [BinaryFunction.add, .multiply] {
            cases.append(element(.binary(function, 1, 2, to: 0, count: count), inputs: 2, flops: 1))
        }
        return cases
    }()

    private static func element(_ call: Invocation<Int>, inputs: Int, flops: Double = 0) -> KernelBenchmark {
        KernelBenchmark(
            size: "\(flat)", buffers: [Contents](repeating: .real(flat), count: 1 + inputs), invocation: call,
            flops: flops * Double(flat), bytes: 4 * Double(flat * (1 + inputs)))
    }

    private static let rows: [KernelBenchmark] = [
        row(.norm(.rms, 1, epsilon: 1e-5, to: 0, rows: 1 << 15, columns: width), 1 << 15, width, output: width, inputs: 1, flops: 4),
        row(.norm(.layer, 1, epsilon: 1e-5, to: 0, rows: 1 << 15, columns: width), 1 << 15, width, output: width, inputs: 1, flops: 7),
        row(.softmax(1, to: 0, rows: 1 << 16, columns: 256), 1 << 16, 256, output: 256, inputs: 1, flops: 4),
        row(.softmaxTangent(1, 2, to: 0, rows: 1 << 16, columns: 256), 1 << 16, 256, output: 256, inputs: 2, flops: 4),
        row(.rowDot(1, 2, factor: 1, to: 0, rows: 1 << 15, columns: width), 1 << 15, width, output: 1, inputs: 2, flops: 2),
        labelled(.crossEntropy(1, labels: 2, to: 0, rows: tokens, columns: vocabulary), tokens, vocabulary, output: 1, flops: 3),
    ]

    private static func row(
        _ call: Invocation<Int>, _ rows: Int, _ columns: Int, output: Int, inputs: Int, flops: Double
    ) -> KernelBenchmark {
        KernelBenchmark(
            size: "\(rows) x \(columns)",
            buffers: [.real(rows * output)] + [Contents](repeating: .real(rows * columns), count: inputs), invocation: call,
            flops: flops * Double(rows * columns), bytes: 4 * Double(rows * (output + inputs * columns)))
    }

    private static func labelled(
        _ call: Invocation<Int>, _ rows: Int, _ columns: Int, output: Int, flops: Double
    ) -> KernelBenchmark {
        var made = row(call, rows, columns, output: output, inputs: 1, flops: flops)
        made.buffers.append(.index(rows, limit: columns))
        return made
    }

    private static let tables: [KernelBenchmark] = {
        let moved = 4 * Double(2 * 4 * tokens * width)
        let rows = 4 * tokens, heads = 9, head = 64, places = 64
        return [
            KernelBenchmark(
                size: "\(rows) of \(vocabulary) x \(width)",
                buffers: [.real(rows * width), .real(vocabulary * width), .index(rows, limit: vocabulary)],
                invocation: .gatherRows(1, ids: 2, to: 0, rows: rows, columns: width, stride: width, tableRows: vocabulary), bytes: moved),
            KernelBenchmark(
                size: "\(rows) into \(vocabulary) x \(width)",
                buffers: [.real(vocabulary * width), .real(rows * width), .index(rows, limit: vocabulary)],
                invocation: .scatterRows(1, ids: 2, to: 0, rows: rows, columns: width, outputRows: vocabulary),
                bytes: 4 * Double((vocabulary + rows) * width)),
            KernelBenchmark(
                size: "\(rows) x \(heads) x \(head)",
                buffers: [
                    .real(rows * heads * head), .real(rows * heads * head), .real(places * head / 2), .real(places * head / 2),
                    .index(rows, limit: places),
                ],
                invocation: .rope(
                    1, cosines: 2, sines: 3, positions: 4, to: 0, tokens: rows, heads: heads, size: head, rotary: head, sign: 1,
                    strides: (heads * head, head), places: places),
                flops: 3 * Double(rows * heads * head), bytes: 8 * Double(rows * heads * head)),
        ]
    }()

    private static let vectors: [KernelBenchmark] = {
        let blocks = flat / Kernel.dotBlock
        func blocked(_ kernel: Kernel, width: Int, flops: Double) -> KernelBenchmark {
            KernelBenchmark(
                size: "\(flat)", buffers: [.real(blocks * width), .real(flat), .real(flat)],
                invocation: .blocked(kernel, 1, 2, to: 0, count: flat), flops: flops * Double(flat), bytes: 8 * Double(flat))
        }
        let step = Invocation<Int>.AdamStep(
            rate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, correction1: 0.1, correction2: 0.001, sign: 1)
        return [
            blocked(.dotBlocks, width: 1, flops: 2), blocked(.similarityDots, width: 3, flops: 6),
            KernelBenchmark(
                size: "\(flat)", buffers: [.real(2 * flat), .real(flat), .real(flat), .real(4)],
                invocation: .similarityDirections(1, 2, coefficients: 3, to: 0, count: flat), flops: 6 * Double(flat),
                bytes: 16 * Double(flat)),
            KernelBenchmark(
                size: "\(flat)", buffers: [.real(flat), .real(flat)], invocation: .axpy(1e-6, 1, to: 0, count: flat),
                flops: 2 * Double(flat), bytes: 12 * Double(flat)),
            KernelBenchmark(
                size: "\(flat)", buffers: [Contents](repeating: .real(flat), count: 4),
                invocation: .adamw(0, first: 1, second: 2, gradient: 3, step, count: flat), flops: 14 * Double(flat),
                bytes: 28 * Double(flat)),
        ]
    }()
}
