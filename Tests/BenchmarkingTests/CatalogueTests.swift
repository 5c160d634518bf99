import Backends
import Benchmarking
import Graph
import Testing

@Suite("Benchmarking")
struct CatalogueTests {
    /// The sizes are real ones; what is small enough for a test is run.
    @Test("Every small kernel of the catalogue runs on the CPU, and takes time")
    func catalogue() throws {
        let backend = CPUBackend()
        let small = KernelBenchmark.all.filter { $0.bytes < 1e7 }
        #expect(small.contains { $0.kernel == "matmul" } && small.contains { $0.kernel == "gather_rows" })
        for benchmark in small { #expect(try benchmark.seconds(on: backend, budget: 0) > 0, "\(benchmark.kernel)") }
    }

    @Test("Every part of a step is measured, and more derivatives take more operations")
    func steps() throws {
        let measurement = StepMeasurement(shape: .tiny, batch: 1, length: 4, repeats: 1)
        let flops = try StepMeasurement.Operation.allCases.map { operation in
            let result = try measurement.run(operation, on: CPUBackend())
            #expect(result.seconds >= result.least && result.least > 0 && result.planBytes > 0)
            return result.flops
        }
        #expect(flops == flops.sorted() && flops[0] > 0)
    }

    @Test("A repetition runs once uncounted and at least three times counted")
    func repetition() {
        var runs = 0
        let time = Repetition.leastSeconds(for: 0) { runs += 1 }
        #expect(runs == 4 && time >= 0)
    }
}
