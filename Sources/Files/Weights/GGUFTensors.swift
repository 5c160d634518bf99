/// Where a tensor of a GGUF file is.
struct GGUFTensor {
    let info: TensorInfo
    /// Bytes from the start of the data; from the start of the file once it is known.
    var offset: Int
}

extension GGUFTensor {
    /// ggml's own limit.
    private static let mostDimensions = 4

    /// The least a tensor's entry takes: an empty name, no sizes, type and offset.
    static let leastEntryBytes = 8 + 4 + 4 + 8

    /// Reads one entry of the table of tensors.
    init(_ cursor: inout GGUFCursor, index: Int, of count: Int) throws(FileError) {
        let path = cursor.path
        let name = try cursor.nextString("the name of tensor \(index + 1) of \(count)")
        let place = cursor.offset
        let rank = try cursor.next(UInt32.self, "the rank of tensor \(quoted(name))")
        guard rank <= Self.mostDimensions else {
            throw FileError(
                .malformed, path: path, tensor: name, offset: place,
                problem: "it claims \(rank) dimensions, but GGUF allows \(Self.mostDimensions)", advice: downloadAgain)
        }
        var sizes: [Int] = []
        for _ in 0..<rank {
            let size = try cursor.next(UInt64.self, "the shape of tensor \(quoted(name))")
            guard let size = Int(exactly: size) else {
                throw FileError(
                    .malformed, path: path, tensor: name, offset: place,
                    problem: "it claims a dimension of \(size)", advice: downloadAgain)
            }
            sizes.append(size)
        }
        // GGUF names the fastest dimension first, PyTorch last.
        let shape = Array(sizes.reversed())
        let code = try cursor.next(UInt32.self, "the type of tensor \(quoted(name))")
        guard let type = StoredType(ggml: code) else {
            throw FileError(
                .unsupported, path: path, tensor: name,
                problem: "its type is \(ggmlTypeName(code)), which is not supported",
                advice: "Use a file quantised as Q8_0, Q6_K, Q5_K, Q4_K, Q4_0 or Q4_1, or in F16")
        }
        let offset = try cursor.next(UInt64.self, "the offset of tensor \(quoted(name))")
        guard let info = TensorInfo(name: name, type: type, shape: shape) else {
            let problem =
                checkedProduct(shape) == nil || shape.last.map { $0 % type.blockSize == 0 } != false
                ? "its shape \(shape) is larger than any memory"
                : "its rows of \(shape.last ?? 1) numbers do not fill blocks of \(type.blockSize), as \(type.name) needs"
            throw FileError(
                .malformed, path: path, tensor: name, offset: place, problem: problem, advice: downloadAgain)
        }
        guard let offset = Int(exactly: offset) else {
            throw FileError(
                .malformed, path: path, tensor: name, problem: "its data are said to begin at byte \(offset)",
                advice: downloadAgain)
        }
        self.info = info
        self.offset = offset
    }

    /// Turns offsets into the data into offsets into the file, and checks every one of them.
    static func place(
        _ tensors: [GGUFTensor], dataStart: Int, alignment: Int, fileSize: Int, path: String
    ) throws(FileError) -> [GGUFTensor] {
        var placed = tensors
        for index in placed.indices {
            let tensor = placed[index]
            guard tensor.offset % alignment == 0 else {
                throw FileError(
                    .malformed, path: path, tensor: tensor.info.name,
                    problem: "its data begin at \(tensor.offset), not at a multiple of \(alignment)",
                    advice: downloadAgain)
            }
            let (offset, overflow) = tensor.offset.addingReportingOverflow(dataStart)
            guard !overflow, checkedRange(offset: offset, count: tensor.info.byteCount, limit: fileSize) != nil else {
                throw FileError(
                    .truncated, path: path, tensor: tensor.info.name, offset: overflow ? nil : offset,
                    problem: "its \(tensor.info.byteCount) bytes reach beyond the end of the file, which has \(fileSize)",
                    advice: downloadAgain)
            }
            placed[index].offset = offset
        }
        var end = dataStart
        for tensor in placed.sorted(by: { ($0.offset, $0.info.byteCount) < ($1.offset, $1.info.byteCount) }) {
            guard tensor.offset >= end || tensor.info.byteCount == 0 else {
                throw FileError(
                    .malformed, path: path, tensor: tensor.info.name, offset: tensor.offset,
                    problem: "its data overlap another tensor's", advice: downloadAgain)
            }
            end = max(end, tensor.offset + tensor.info.byteCount)
        }
        return placed
    }
}

extension StoredType {
    /// The type with ggml's code, nil if it is not read here.
    init?(ggml code: UInt32) {
        switch code {
        case 0: self = .f32
        case 1: self = .f16
        case 2: self = .q4_0
        case 3: self = .q4_1
        case 6: self = .q5_0
        case 7: self = .q5_1
        case 8: self = .q8_0
        case 10: self = .q2_K
        case 11: self = .q3_K
        case 12: self = .q4_K
        case 13: self = .q5_K
        case 14: self = .q6_K
        case 24: self = .i8
        case 25: self = .i16
        case 26: self = .i32
        case 27: self = .i64
        case 28: self = .f64
        case 30: self = .bf16
        default: return nil
        }
    }
}

/// ggml's name for a type that is not read here.
private func ggmlTypeName(_ code: UInt32) -> String {
    let names: [UInt32: String] = [
        4: "Q4_2 (withdrawn)", 5: "Q4_3 (withdrawn)", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
        18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M",
        34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4",
    ]
    return names[code] ?? "number \(code), unknown to this version"
}
