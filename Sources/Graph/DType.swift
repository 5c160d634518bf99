/// The type of a tensor's elements. The reference backend evaluates `real` in float64.
public enum DType: Hashable, Sendable {
    /// float32 on devices.
    case real
    /// int32: token ids, labels, positions. Never differentiated.
    case index

    /// The bytes of one element on devices.
    public var byteCount: Int {
        switch self {
        case .real: MemoryLayout<Float>.size
        case .index: MemoryLayout<Int32>.size
        }
    }

    /// What a plan's workspace is counted in: whatever lies there takes as many bytes.
    public static let workspace = DType.real
}
