import Backends
import Graph
import Inference

/// The vectors a run holds beside the plans' workspaces, all made before the first step.
struct RunMemory {
    let vectors: DeviceVectors
    /// θ
    let parameters: any Buffer
    let direction: any Buffer
    let scratch: Scratch
    /// What later steps depend on, by the names of checkpoints.
    let named: [String: any Buffer]
    /// Bytes of all of them.
    let bytes: Int

    init(_ parameters: any Buffer, _ settings: UnlearningSettings, on backend: any Backend) throws {
        let count = parameters.count
        vectors = try DeviceVectors(backend, count: count)
        self.parameters = parameters
        direction = try vectors.make(count)
        scratch = try Scratch(settings.scratch, vectors, count: count)
        var named = ["theta": parameters]
        for name in settings.keptVectors where name != "theta" { named[name] = try vectors.make(count) }
        self.named = named
        bytes = settings.vectorBytes(parameters: count)
    }

    /// Sorted by name.
    var persistent: [(name: String, buffer: any Buffer)] { named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    subscript(name: String) -> any Buffer {
        guard let buffer = named[name] else { graphFault("memory", "the run keeps no vector \"\(name)\"") }
        return buffer
    }
}

extension UnlearningSettings {
    private var directions: [any Direction] {
        [innerDirection, outerDirection(), outerDirection(isReleased: true)].compactMap { $0 }
    }

    /// What any step borrows: forget and restore steps never at the same time.
    var scratch: ScratchNeed {
        let rules = levels.map { ScratchNeed(vectors: rule($0).triesSteps ? 1 : 0) }
        let slices = ScratchNeed(vectors: accumulation > 1 ? 2 : 0)
        return (directions.map(\.scratch) + rules).reduce(ScratchNeed()) { $0.or($1) } + slices
    }

    /// The vectors that a later step depends on, by name: what a checkpoint holds.
    var keptVectors: [String] {
        var names = ["theta", "good"]
        if directions.contains(where: \.keepsCorrection) { names.append("correction") }
        names += directions.flatMap(\.kept)
        if method.combination.needsOriginal || !method.needs.frozen.isDisjoint(with: [.original, .blurred, .states]) {
            names.append("original")
        }
        for level in levels where rule(level).usesMoments { names += Self.moments(level) }
        return names
    }

    static func moments(_ level: Level) -> [String] { ["\(level).first", "\(level).second"] }

    /// The levels the method has steps on.
    var levels: [Level] { outerDirection() == nil ? [.inner] : [.inner, .outer] }

    func rule(_ level: Level) -> StepRule { level == .inner ? innerStep : outerStep }

    /// Bytes of the vectors of a run on so many trainable parameters: those kept, the direction, and what is borrowed.
    package func vectorBytes(parameters: Int) -> Int { DType.real.byteCount * parameters * (keptVectors.count + 1 + scratch.lengths) }
}

/// The two levels of the problem: ascent on Φ and descent on F.
package enum Level: String, Sendable, Hashable {
    case inner, outer

    /// Uphill or downhill.
    var sign: Double { self == .inner ? 1 : -1 }
}
