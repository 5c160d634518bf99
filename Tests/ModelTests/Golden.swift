import Backends
import Data
import Files
import Graph
import Inference
import Models
import Testing

/// A tiny model with what transformers computes for it in float64 (Fixtures/generate.py).
struct Golden {
    static let folder: String = {
        let here = #filePath
        return here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures"
    }()
    static let names = ((try? FileSystem.list(folder)) ?? []).filter { FileSystem.isFile("\(folder)/\($0)/golden.safetensors") }.sorted()

    let loaded: LoadedModel
    let model: any LanguageModel
    let values: SafetensorsFile
    let batch: TokenBatch

    init(_ name: String, trainable: TrainableParameters = .all) throws {
        loaded = try ModelLoader.load(path: "\(Self.folder)/\(name)", trainable: trainable)
        model = try loaded.model.language
        values = try SafetensorsFile(path: "\(Self.folder)/\(name)/golden.safetensors")
        let ids = try Self.integers(values, "ids"), labels = try Self.integers(values, "labels")
        batch = TokenBatch(
            zip(ids, labels).map { TokenExample(ids: $0, labels: $1) }, context: model.dimensions.context)
    }

    var examples: [TokenExample] { batch.examples }
    var loss: LanguageModelLoss { LanguageModelLoss(model, loaded.split, frozen: nil) }

    /// A tensor such as "logits".
    func real(_ name: String) throws -> [Double] { try values.read(name).map(Double.init) }

    /// A flat vector such as "grad" or "u", put together from its tensors.
    func flat(_ kind: String, _ layout: ParameterLayout) throws -> [Double] {
        try layout.entries.flatMap { try real("\(kind)/\($0.name)") }
    }

    /// The inputs of a graph for the reference evaluation.
    func inputs(role: String, _ more: [String: [Double]] = [:]) -> [String: HostTensor] {
        var result = loss.inputs(batch, role: role).mapValues { input in
            switch input {
            case .real(let values): HostTensor([values.count], values.map(Double.init))
            case .index(let values): HostTensor([values.count], values.map(Double.init))
            }
        }
        result["theta"] = HostTensor([loaded.trainable.count], loaded.trainable.map(Double.init))
        result["frozen"] = HostTensor([loaded.frozen.count], loaded.frozen.map(Double.init))
        for (name, values) in more { result[name] = HostTensor([values.count], values) }
        return result
    }

    /// Safetensors of integers cannot be read as weights, so their bytes are.
    private static func integers(_ file: SafetensorsFile, _ name: String) throws -> [[Int32]] {
        let info = try #require(file.info(name))
        let rows = info.shape[0], columns = info.shape[1]
        let flat = try MappedFile(path: file.path).withBytes { bytes in
            let header = Int(bytes.loadUnaligned(as: UInt64.self))
            let json = try JSONValue(parsing: Array(bytes[8..<(8 + header)]))
            let start = try #require(json[name]?["data_offsets"]?.asArray?.first?.asInt)
            return (0..<(rows * columns)).map { bytes.loadUnaligned(fromByteOffset: 8 + header + start + 4 * $0, as: Int32.self) }
        }
        return (0..<rows).map { Array(flat[($0 * columns)..<(($0 + 1) * columns)]) }
    }
}

/// The largest difference relative to the largest expected value.
func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(found, expected).reduce(0.0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
    return worst / max(scale, 1e-30)
}

/// Plans run on a backend with buffers by name.
func run(_ plan: Plan, on backend: any Backend, _ inputs: [String: HostTensor]) throws -> [String: [Double]] {
    let executable = try backend.compile(plan)
    var buffers: [any Buffer] = []
    for external in plan.externals {
        let buffer = try backend.makeBuffer(external.type, count: external.count)
        if external.role == .input {
            let values = try #require(inputs[external.name]?.values, "no value for \(external.name)")
            switch external.type {
            case .real: try backend.write(values.map(Float.init), to: buffer)
            case .index: try backend.write(values.map { Int32($0) }, to: buffer)
            }
        }
        buffers.append(buffer)
    }
    try executable.run(buffers)
    var results: [String: [Double]] = [:]
    for (external, buffer) in zip(plan.externals, buffers) where external.role == .output {
        results[external.name] = try backend.read(buffer).map(Double.init)
    }
    return results
}
