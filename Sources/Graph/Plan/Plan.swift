/// A compiled graph: kernel calls in order, with every intermediate value placed in one arena.
public struct Plan: Sendable {
    /// A buffer the caller binds when the plan runs.
    public struct External: Hashable, Sendable {
        public enum Role: Hashable, Sendable { case input, output }
        public var name: String
        public var type: ElementType
        public var count: Int
        public var role: Role
    }

    /// Data fixed at build time.
    public enum Constant: Hashable, Sendable {
        case real([Double])
        case index([Int32])
    }

    public var externals: [External]
    public var constants: [Constant]
    /// Size of the workspace, in elements of four bytes.
    public var arenaCount: Int
    public var calls: [KernelCall]
}
