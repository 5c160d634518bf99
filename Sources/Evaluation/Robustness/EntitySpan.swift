import Data
import Text

/// The tokens of an answer that hold what is to be forgotten.
package enum EntitySpan {
    /// An example whose labels are only those of the text in the row's `entity` field; all of them where the row has none.
    /// - Throws: `DataError` naming a row whose answer does not hold its entity.
    package static func narrowed(_ example: Example, _ encoder: Encoder) throws -> TokenExample {
        var encoded = try encoder.encode(example)
        guard let value = example.fields["entity"], !value.isNull else { return encoded }
        guard let entity = value.asString, !entity.isEmpty else {
            throw DataError(example.position, field: "entity", "expected a text that stands in the answer, found \(value.kind)")
        }
        let places = encoded.labels.indices.dropFirst().filter { encoded.labels[$0] >= 0 }
        let ids = places.map { encoded.labels[$0] }
        // Where each token ends in the answer's text, in bytes.
        let ends = (0...ids.count).map { encoder.tokenizer.decode(Array(ids.prefix($0)), skipSpecialTokens: true).utf8.count }
        let text = Array(encoder.tokenizer.decode(ids, skipSpecialTokens: true).utf8)
        guard let found = text.firstRange(of: Array(entity.utf8)) else {
            throw DataError(
                example.position, field: "entity", "it does not stand in the answer; give a part of the answer as it is written")
        }
        for (number, place) in places.enumerated() where ends[number + 1] <= found.lowerBound || ends[number] >= found.upperBound {
            encoded.labels[place] = TokenExample.masked
        }
        return encoded
    }
}
