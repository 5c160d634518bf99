import Backends
import Data
import Demo
import Files
import Inference
import Runs
import Text

/// Makes the models of a plan that are not there yet, in the plan's folder of results. What is there is kept: names follow from what
/// a model was made of.
package struct ModelMaker {
    /// The models of a split.
    package struct Models: Hashable, Sendable {
        package var trained: String
        package var references: [String]
    }

    private let plan: ComparisonPlan
    private let data: [SplitData]
    private let listener: any JobListener

    package init(_ plan: ComparisonPlan, _ data: [SplitData], _ listener: any JobListener) {
        (self.plan, self.data, self.listener) = (plan, data, listener)
    }

    private var folder: String { joinPath(plan.out, "models") }

    /// Where the models of a split are, or will be.
    package func places(_ split: SplitData) -> Models {
        let count = plan.training?.references ?? 0
        let everything = digest(rows(split, keepsForget: true)), kept = digest(rows(split, keepsForget: false))
        return Models(
            trained: split.split.trained ?? joinPath(folder, "trained-\(everything)"),
            references: split.split.references.isEmpty
                ? (0..<count).map { joinPath(folder, "retrained-\($0 + 1)-\(kept)") } : split.split.references)
    }

    /// Where training begins; nil where nothing is trained.
    package var base: String? {
        switch plan.base {
        case nil: nil
        case .given(let path): path
        case .fresh: joinPath(folder, "base")
        }
    }

    /// Makes what is missing.
    /// - Throws: `RunError.interrupted`; the next call continues the training. `ComparisonError.plan` for a model that is named and
    ///   not there.
    package func make(on backend: any Backend) throws {
        for split in data {
            let models = places(split)
            try train(models.trained, split, isNamed: split.split.trained != nil, key: "trained", on: backend)
            for (index, path) in models.references.enumerated() {
                let isNamed = !split.split.references.isEmpty
                try train(path, split, isNamed: isNamed, key: "references", reference: index + 1, on: backend)
            }
        }
    }

    /// - Parameter reference: the number of a model that never sees the forget rows; nil for the one that sees all.
    private func train(
        _ path: String, _ split: SplitData, isNamed: Bool, key: String, reference: Int? = nil, on backend: any Backend
    ) throws {
        if FileSystem.entry(at: path) != nil { return }
        guard !isNamed, let training = plan.training, let base else {
            throw ComparisonError.plan(file: plan.file, place: "\(split.split.place).\(key)", problem: "there is no model \(path).")
        }
        try FileSystem.createFolder(folder)
        try makeBase(at: base)
        let rows = rows(split, keepsForget: reference == nil)
        let file = joinPath(folder, "rows-\(digest(rows)).jsonl")
        if FileSystem.entry(at: file) == nil {
            let output = try AtomicFile(path: file)
            try output.writer.write(rows.map { $0 + "\n" }.joined())
            try output.commit()
        }
        var settings = training.settings
        settings.seed = UInt64(reference ?? 0)
        let place = RunPlace(path)
        listener.note(
            "Training \(path) on \(rows.count) rows\(reference == nil ? "" : ", without the \(split.forget.count) to forget")")
        _ = try TrainingRun(
            TrainingRequest(model: base, data: file, text: plan.text.choice, settings: settings), in: place,
            resumes: FileSystem.isFile(place.checkpoint), listener
        ).run(on: backend)
    }

    /// The rows of a training, as lines. Sorted, so that splits of one set of rows share the model that knows all of them; each once.
    private func rows(_ split: SplitData, keepsForget: Bool) -> [String] {
        Set((split.retain + (keepsForget ? split.forget : [])).map(\.line)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func digest(_ rows: [String]) -> String {
        let frame = ["base", "train", "text"].map { plan.frame[$0]?.serialized() ?? "" }
        return String(SHA256.digest(Array((frame + rows).joined(separator: "\n").utf8)).prefix(8))
    }

    // MARK: A model from nothing

    private func makeBase(at path: String) throws {
        guard case .fresh(let layers, let width, let heads, let vocabulary, let context, let seed) = plan.base,
            FileSystem.entry(at: path) == nil
        else { return }
        listener.note("Learning a tokenizer of at most \(vocabulary) tokens from the plan's data")
        let description = BytePairTrainer(vocabularySize: vocabulary).train(try texts())
        let size = DemoModel.Size(
            layers: layers, width: width, heads: heads, intermediateSize: (8 * width / 3 + 7) / 8 * 8, context: context)
        let model = try DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: size, seed: seed)
        try ModelExporter().export(
            model, to: path, extra: description.folderFiles().map { ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8)) })
    }

    /// All rows of the plan as the template writes them: those that are only asked too, as a real model's tokenizer knows more than
    /// what it is trained on.
    private func texts() throws -> [String] {
        let template = ChatTemplate(plan.text.choice.family ?? .plain)
        var lines: Set<String> = []
        var texts: [String] = []
        for example in data.flatMap({ $0.forget + $0.retain + $0.askedExamples }) where lines.insert(example.line).inserted {
            switch example.content {
            case .chat(let turns): texts.append(try template.render(turns).map(\.text).joined())
            case .completion(let prompt, let completion): texts.append(prompt + completion)
            case .text(let text): texts.append(text)
            }
        }
        return texts
    }
}

extension ComparisonPlan.TextPlan {
    /// The same as trainings and runs take it.
    package var choice: TextChoice {
        TextChoice(
            family: template.flatMap { ChatFamily(named: $0) }, date: date.flatMap { TemplateDate($0) }, maximumLength: maximumLength,
            truncates: truncates)
    }
}
