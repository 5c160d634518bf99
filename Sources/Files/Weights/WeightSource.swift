/// Name, stored type and shape of one tensor in a file.
package struct TensorInfo: Sendable, Equatable {
    package let name: String
    package let type: StoredType
    /// Row-major sizes, slowest first, as PyTorch prints them. Empty for a single number.
    package let shape: [Int]
    /// The product of `shape`.
    package let count: Int
    /// Bytes in the file.
    package let byteCount: Int

    /// Nil if a size is negative, the rows do not fill whole blocks, or a product overflows.
    package init?(name: String, type: StoredType, shape: [Int]) {
        guard let count = checkedProduct(shape),
            (shape.last ?? 1) % type.blockSize == 0 || count == 0,
            let bytes = type.byteCount(for: count)
        else { return nil }
        self.name = name
        self.type = type
        self.shape = shape
        self.count = count
        byteCount = bytes
    }
}

/// Named tensors of one model, whatever the file format, read as single precision.
package protocol WeightSource: Sendable {
    /// The file or folder the weights come from.
    var path: String { get }
    /// Every tensor's name, in a fixed order.
    var names: [String] { get }
    /// What is known about a tensor, or nil if there is none of that name.
    func info(_ name: String) -> TensorInfo?
    /// Fills `target`, row-major, with a tensor's numbers, converted or dequantised.
    /// - Throws: `notFound`; `wrongSize` if `target` has another count than the tensor;
    ///   `unsupported` if it holds integers.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError)
}

extension WeightSource {
    /// A tensor's numbers, row-major, in a new array.
    /// - Throws: as `read(_:into:)`.
    package func read(_ name: String) throws(FileError) -> [Float] {
        guard let info = info(name) else { throw missing(name) }
        var failure: FileError?
        let values = [Float](unsafeUninitializedCapacity: info.count) { buffer, filled in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[..<info.count])
            do throws(FileError) {
                try read(name, into: target)
                filled = info.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }

    /// As `read(_:into:)`, and makes sure that every number is finite.
    /// - Throws: `notFinite` with the place of the first NaN or infinity as well.
    package func readFinite(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError) {
        try read(name, into: target)
        guard let index = firstNonFinite(in: UnsafeBufferPointer(target)) else { return }
        throw FileError(
            .notFinite, path: path, tensor: name,
            problem: "number \(index) of \(target.count) is \(target[index])",
            advice: "The model was damaged or its training diverged; use another copy")
    }

    /// The error for a tensor that is not there.
    func missing(_ name: String) -> FileError {
        FileError(
            .notFound, path: path, tensor: name, problem: "there is no such tensor among the \(names.count) in it",
            advice: "Check that the weights belong to this model")
    }

    /// Decodes a tensor whose bytes are known to lie within the file.
    func decode(
        _ info: TensorInfo, from bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>
    ) throws(FileError) {
        guard target.count == info.count, bytes.count == info.byteCount else {
            throw FileError(
                .wrongSize, path: path, tensor: info.name,
                problem: "it holds \(info.count) numbers, shape \(info.shape), but \(target.count) are wanted",
                advice: "Check that the weights belong to this model")
        }
        guard let decoder = info.type.decoder else {
            throw FileError(
                .unsupported, path: path, tensor: info.name,
                problem: "it holds integers (\(info.type.name)), which cannot be read as weights",
                advice: "Convert it to F32, F16 or BF16")
        }
        guard let source = bytes.baseAddress, let start = target.baseAddress, info.count > 0 else { return }
        decoder(source, start, info.count)
    }
}

/// The index of the first NaN or infinity, or nil if all numbers are finite.
package func firstNonFinite(in values: UnsafeBufferPointer<Float>) -> Int? {
    let infinity: UInt32 = 0x7F80_0000
    var start = 0
    while start < values.count {
        let end = min(start + 4096, values.count)
        // A maximum over the bits vectorises; a search that may stop at each number does not.
        var largest: Int32 = 0
        for i in start..<end {
            largest = max(largest, Int32(bitPattern: values[i].bitPattern & 0x7FFF_FFFF))
        }
        if largest >= Int32(infinity) {
            return (start..<end).first { !values[$0].isFinite }
        }
        start = end
    }
    return nil
}

/// As `firstNonFinite(in:)` for a buffer, over an array.
package func firstNonFinite(in values: [Float]) -> Int? {
    values.withUnsafeBufferPointer { firstNonFinite(in: $0) }
}
