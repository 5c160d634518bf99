import Files
import Testing

@Suite("Numbers as a file returns them")
struct RoundingTests {
    @Test("are rounded to the nearest, ties to even")
    func rounded() {
        let values: [Float] = [0, -1, 1 + 0x1p-8, 1 + 0x1p-7, 1 + 0x1.8p-7, 0x1p-24, 1 + 0x1p-11, 1 + 0x1.8p-11]
        let narrow: [Float] = [0, -1, 1, 1 + 0x1p-7, 1 + 0x1p-6, 0x1p-24, 1, 1]
        let half: [Float] = [0, -1, 1 + 0x1p-8, 1 + 0x1p-7, 1 + 0x1.8p-7, 0x1p-24, 1, 1 + 0x1p-10]
        #expect(StoredType.f32.rounded(values) == values)
        #expect(StoredType.bf16.rounded(values) == narrow)
        #expect(StoredType.f16.rounded(values) == half)
        #expect(StoredType.bf16.rounded([]).isEmpty)
    }
}
