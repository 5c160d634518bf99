// Makes a model folder forget: what `ofmu-gpu run` does, from a program of one's own.
//
//     swift run forget-example MODEL forget.jsonl retain.jsonl OUT
import Backends
import Runs
import Unlearning

/// Prints one line a round.
final class Progress: JobListener {
    func hear(_ event: JobEvent) {
        switch event {
        case .note(let text), .warning(let text): print(text)
        case .unlearning(.round(let record)):
            print("Round \(record.round + 1): forget loss \(record.forgetLoss ?? .nan), retain loss \(record.retainLoss ?? .nan)")
        default: break
        }
    }
}

@main
struct Forget {
    static func main() throws {
        let paths = CommandLine.arguments.dropFirst()
        guard paths.count == 4, let model = paths.first, let out = paths.last else {
            return print("usage: forget-example MODEL forget.jsonl retain.jsonl OUT")
        }
        let request = UnlearningRequest(model: model, forget: paths[2], retain: paths[3]) { facts in
            // Texts as on the command line; what is not named is automatic.
            try UnlearningSettings(["method": "ofmu", "rounds": "20"], vocabulary: facts.vocabulary)
        }
        let run = try UnlearningRun(PreparedRun(request, Progress()), in: RunPlace(out))
        if case .written(let report) = try run.run(on: DeviceCatalogue.backend(named: "auto")) {
            print(report.markdown)
        }
    }
}
