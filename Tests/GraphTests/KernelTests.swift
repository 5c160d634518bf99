import Files
import Glibc
import Graph
import Testing

/// The declarations of kernels: what is written about them elsewhere must say the same.
@Suite("Kernels") struct KernelTests {
    @Test("no two have one name, and every builder's kernel is in the catalogue")
    func names() {
        #expect(Set(Kernel.all.map(\.name)).count == Kernel.all.count)
        for function in UnaryFunction.allCases { #expect(Kernel.named(function.rawValue) == .unary(function)) }
        for function in BinaryFunction.allCases { #expect(Kernel.named(function.rawValue) == .binary(function)) }
    }

    @Test("the table and the types of arguments in Kernels are those that the declarations make")
    func written() throws {
        let folder = joinPath(parentFolder(of: parentFolder(of: parentFolder(of: #filePath))), "Kernels")
        let readme = try MappedFile(path: joinPath(folder, "README.md")).withBytes { String(decoding: $0, as: UTF8.self) }
        let start = try #require(readme.firstRange(of: "| kernel |")).lowerBound
        for (name, text) in [("README.md", readme[..<start] + Kernel.table), ("arguments.h", Kernel.argumentTypes)] {
            let path = joinPath(folder, name)
            // Where they are to be written instead: `OFMU_WRITE_TABLES=1 swift test --filter KernelTests`.
            if getenv("OFMU_WRITE_TABLES") != nil {
                let file = try #require(fopen(path, "w"))
                fputs(text, file)
                fclose(file)
            } else {
                let found = try MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
                #expect(found == text, "Run this test with OFMU_WRITE_TABLES=1 to write \(name) anew.")
            }
        }
    }

    @Test("a call with too few or too many operands, integers or reals says so")
    func problems() {
        let right = KernelCall(.scale(1, by: 2, to: 0, count: 3))
        #expect(right.problem == nil)
        for change: (inout KernelCall) -> Void in [
            { $0.operands.removeLast() }, { $0.integers.append(1) }, { $0.integers = [] }, { $0.reals = [] }, { $0.reals.append(1) },
        ] {
            var wrong = right
            change(&wrong)
            #expect(wrong.problem?.contains("scale") == true)
        }
    }

    @Test("the work and the size of the output follow from the integers")
    func counts() {
        let product = Invocation<Int>.matmul(
            1, 2, to: 0, m: 2, n: 3, k: 5, batch: [1, 2, 2], strides: ([0, 0, 0, 5, 1], [0, 0, 0, 3, 1]))
        #expect(product.work == .matmul)
        #expect(product.outputCount == 24)
        let dots = Invocation<Int>.blocked(.similarityDots, 1, 2, to: 0, count: Kernel.dotBlock + 1)
        #expect(dots.work == .rows(2))
        #expect(dots.outputCount == 6)
        let directions = Invocation<Int>.similarityDirections(1, 2, coefficients: 3, to: 0, count: 7)
        #expect(directions.work == .elements(7))
        #expect(directions.outputCount == 14)
        let sum = Invocation<Int>.sum(1, to: 0, outer: 2, middle: 9, inner: 3)
        #expect(sum.work == .elements(6))
        #expect(sum.outputCount == 6)
    }

    @Test("strided calls take as few axes as show the same elements")
    func collapses() {
        let turned = Invocation<Int>.copy(1, to: 0, shape: [2, 3, 4], strides: [12, 4, 1])
        #expect(turned.isContiguous(1))
        #expect(turned.integers == [24, 1, 1, 1, 1, 1, 24, 0, 0, 0, 0, 0, 1])
        #expect(!Invocation<Int>.binary(.add, 1, 2, to: 0, shape: [2, 3], strides: ([3, 1], [1, 2])).isContiguous(2))
    }
}
