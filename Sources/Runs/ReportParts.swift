import COpenBLAS
import Evaluation
import Files
import Glibc
import Inference
import Reporting

/// The facts that reports of all runs share.
package enum ReportParts {
    /// How a model answered at one point of the run.
    package typealias Stage = (name: String, verdict: Verdict)

    /// Now, in coordinated universal time.
    package static var date: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let two = { (value: Int32) in (value < 10 ? "0" : "") + String(value) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)) UTC"
    }

    package static var versions: [RunReport.Entry] {
        var entries = [RunReport.Entry("ofmu-gpu", Version.text)]
        if let text = openblas_get_config() { entries.append(.init("OpenBLAS", String(cString: text))) }
        return entries
    }

    package static func model(_ name: String, _ session: LanguageModelSession, trainable: String) -> [RunReport.Entry] {
        let parameters = session.model.specifications.reduce(0) { $0 + $1.count }
        return [
            .init("model", name), .init("architecture", session.model.architecture),
            .init("parameters", NumberText.grouped(parameters)),
            .init("trainable", "\(trainable) (\(NumberText.grouped(session.split.trainable.count)))"),
        ]
    }

    /// Some questions with the answers at every stage.
    package static func samples(_ stages: [Stage], forget: Int, retain: Int) -> [SampleAnswers] {
        func samples(_ role: String, _ count: Int, _ answers: (Verdict) -> [AnsweredExample]) -> [SampleAnswers] {
            guard let first = stages.first.map({ answers($0.verdict) }), !first.isEmpty else { return [] }
            return (0..<min(count, first.count)).map { index in
                // Taken from the whole set, so that one person does not answer all.
                let place = index * first.count / count
                return SampleAnswers(
                    role: role, question: first[place].question, reference: first[place].reference,
                    answers: stages.map { .init($0.name, answers($0.verdict)[place].generated ?? "-") })
            }
        }
        return samples("forget", forget) { $0.forget.examples } + samples("retain", retain) { $0.retain.examples }
    }
}

extension RunReport {
    /// The report's two files, to lie in the model's folder.
    package var extraFiles: [ModelExporter.ExtraFile] {
        [
            .init(name: "report.json", bytes: Array((json.serialized(pretty: true) + "\n").utf8)),
            .init(name: "report.md", bytes: Array(markdown.utf8)),
        ]
    }
}
