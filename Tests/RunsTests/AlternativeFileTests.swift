import Backends
import Files
import Runs
import Testing
import TestSupport
import Unlearning

@Suite("Files of other answers")
struct AlternativeFileTests {
    /// A request that asks for other answers.
    private func request(in folder: String) throws -> UnlearningRequest {
        var request = try RunFixture.request(in: folder)
        let settings = request.settings
        request.settings = { vocabulary in
            var found = try settings(vocabulary)
            found.method = try #require(UnlearningMethod(rawValue: "ofmu-counterfactual"))
            return found
        }
        return request
    }

    /// The request with such rows as other answers.
    private func prepared(_ rows: [String], _ request: UnlearningRequest, in folder: String) throws -> PreparedRun {
        var request = request
        request.alternatives = try RunFixture.write(
            Array(rows.joined(separator: "\n").utf8), to: joinPath(folder, "alternatives.jsonl"))
        return try PreparedRun(request, SilentListener())
    }

    private func ownRows(_ request: UnlearningRequest) throws -> [String] {
        String(decoding: try readInput(request.forget), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func message(_ rows: [String], _ request: UnlearningRequest, in folder: String) -> String {
        do {
            _ = try prepared(rows, request, in: folder)
            return ""
        } catch { return "\(error)" }
    }

    @Test("as many rows, the same questions, and no answer that should go")
    func checks() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder)
            let rows = try ownRows(request)
            #expect(message([rows[0]], request, in: folder).contains("has 1 rows for 2 forget rows"))
            #expect(message(rows, request, in: folder).contains("line 1, gives the answer that should be forgotten"))
            let swapped = rows.reversed().map { $0.replacing("\"In ", with: "\"Not in ") }
            #expect(message(Array(swapped), request, in: folder).contains("line 1, asks something else than line 1"))
        }
    }

    @Test("a run learns the answers of a file, and invents them where there is none")
    func runs() throws {
        try withTemporaryFolder { folder in
            let request = try request(in: folder)
            let rows = try ownRows(request).map { $0.replacing("\"In ", with: "\"Not in ") }
            let runs = [
                ("given", try prepared(rows, request, in: folder)), ("invented", try PreparedRun(request, SilentListener())),
            ]
            for (name, run) in runs {
                let outcome = try UnlearningRun(run, in: RunPlace(joinPath(folder, name))).run(on: CPUBackend())
                guard case .written(let report) = outcome else {
                    Issue.record("Nothing was written.")
                    return
                }
                #expect(report.rounds.count == 2 && report.data.map(\.role).contains("alternatives") == (name == "given"))
            }
        }
    }
}
