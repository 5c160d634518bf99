import Files
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "of the examples of FIPS 180-4 and of the empty text",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA256.digest(Array(text.utf8)) == digest)
    }

    @Test("of a million times the letter a, in pieces of any size")
    func pieces() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        for size in [1, 63, 64, 65, 1000, 1_000_000] {
            let piece = [UInt8](repeating: UInt8(ascii: "a"), count: size)
            var hash = SHA256()
            var rest = 1_000_000
            while rest > 0 {
                piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<min(size, rest)])) }
                rest -= min(size, rest)
            }
            #expect(hash.digest() == expected)
        }
    }
}
