import Backends
import Data
import Demo
import Evaluation
import Files
import Inference
import Models
import Testing

@Suite("Weights rounded to few bits")
struct RoundingTests {
    private let fixture: JSONValue

    init() throws {
        let here = #filePath
        fixture = try JSONValue(contentsOf: here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures/rounding.json")
    }

    private func numbers(_ value: JSONValue?) throws -> [Float] { try #require(value?.asArray).map { Float($0.asDouble ?? .nan) } }

    @Test("Numbers become those of the definitions in float64, short blocks too", arguments: WeightRounding.allCases)
    func definitions(rounding: WeightRounding) throws {
        for testCase in try #require(fixture["cases"]?.asArray) {
            let values = try numbers(testCase["values"]), expected = try numbers(testCase["rounded"]?[rounding.rawValue])
            let rounded = rounding.rounded(values, columns: try #require(testCase["columns"]?.asInt))
            #expect(rounded.count == expected.count && rounded != values)
            // The published NF4 numbers are 1.1e-7 off the quantiles; a neighbouring level would be 1e-4 off and more.
            let largest = values.map(abs).max() ?? 0
            for (found, wanted) in zip(rounded, expected) { #expect(abs(found - wanted) <= 2e-7 * largest) }
            #expect(rounding.rounded([Float](repeating: 0, count: 40), columns: 40).allSatisfy { $0 == 0 })
        }
    }

    private func model(_ trainable: TrainableParameters) throws -> LoadedModel {
        let sizes = DecoderModel.Configuration(
            vocabulary: 40, width: 16, intermediateSize: 24, layers: 2, heads: 2, keyValueHeads: 1, context: 16)
        return try LoadedModel(initialising: DecoderModel(Llama(), sizes), trainable: trainable, seed: 3)
    }

    @Test("Matrices are rounded and vectors are not; embeddings only as llama.cpp does", arguments: WeightRounding.allCases)
    func roles(rounding: WeightRounding) throws {
        var model = try model(.all)
        for place in model.trainable.indices { model.trainable[place] += 0.001 * Float(place % 7) }
        let rounded = rounding.rounded(model)
        for specification in model.model.specifications {
            let (before, after) = (model.merged(specification), rounded.merged(specification))
            let isRounded: Bool
            switch specification.role {
            case .projection: isRounded = true
            case .table: isRounded = rounding != .normalFloat
            case .vector, .adapter, .filters, .statistic: isRounded = false
            }
            let expected = isRounded ? rounding.rounded(before, columns: specification.shape.last ?? 1) : before
            #expect(after == expected, "\(specification.name)")
            #expect((after != before) == isRounded, "\(specification.name)")
        }
    }

    @Test("Adapters are merged before rounding, and a session has its own numbers again afterwards, whatever happens")
    func sessions() throws {
        struct Stop: Error {}
        var model = try model(.lora(LowRankAdapter(rank: 2, alpha: 4)))
        for place in model.trainable.indices { model.trainable[place] += 0.01 * Float(place % 5) }
        let session = try LanguageModelSession(model, on: CPUBackend())
        let name = try #require(model.model.specifications.first { if case .projection = $0.role { true } else { false } })
        let expected = WeightRounding.fourBit.rounded(model.merged(name), columns: name.shape[1])
        let lent = try session.lendingWeights(WeightRounding.fourBit.rounded) { try session.download() }
        #expect(lent.merged(name) == expected)
        #expect(throws: Stop.self) { try session.lendingWeights(WeightRounding.fourBit.rounded) { throw Stop() } }
        let after = try session.download()
        #expect(after.trainable == model.trainable && after.frozen == model.frozen)
    }

    @Test("Weights stored with inputs first are rounded along their inputs")
    func inputsFirst() throws {
        var sizes = DecoderModel.Configuration(vocabulary: 40, width: 16, intermediateSize: 24, layers: 1, heads: 2, context: 16)
        sizes.projectionLayout = .inputsFirst
        let model = try LoadedModel(initialising: DecoderModel(Llama(), sizes), seed: 3)
        let rounded = WeightRounding.eightBit.rounded(model)
        for specification in model.model.specifications {
            guard case .projection = specification.role else { continue }
            let (inputs, outputs) = (specification.shape[0], specification.shape[1])
            let before = model.merged(specification), after = rounded.merged(specification)
            for output in 0..<outputs {
                let column = { (values: [Float]) in (0..<inputs).map { values[$0 * outputs + output] } }
                #expect(column(after) == WeightRounding.eightBit.rounded(column(before), columns: inputs))
            }
        }
    }
}
