import Files
import Glibc
import Inference
import Models
import Testing

func bytes(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

func put(_ text: String, _ path: String) throws {
    let writer = try FileWriter(path: path)
    try writer.write(text)
    try writer.synchronize()
}

/// What `body` says when it fails; empty if it does not.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}

/// A tiny decoder with fresh weights.
func freshLlama(_ trainable: TrainableParameters = .all, seed: UInt64 = 1) throws -> LoadedModel {
    let golden = try ModelLoader.load(path: "\(Golden.folder)/llama-tied")
    return try LoadedModel(initialising: golden.model, trainable: trainable, seed: seed)
}
