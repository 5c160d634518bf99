import Data
import Files
import TestSupport
import Testing

private let fixtures: String = {
    let here = #filePath
    return here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures"
}()

/// Gives the body a file of these bytes.
private func withFile(_ name: String, _ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        let path = joinPath(folder, name)
        let writer = try FileWriter(path: path)
        try writer.write(bytes)
        try writer.flush()
        try body(path)
    }
}

@Suite("Files of images")
struct ImageFileTests {
    private static let pixels = (0..<3).flatMap { image in (0..<3072).map { UInt8((7 * image + 3 * $0) % 256) } }

    @Test("CIFAR's pickles of every protocol are read without carrying anything out", arguments: [2, 3, 4])
    func pickles(protocolNumber: Int) throws {
        let set = try CIFAR.ten.pickles(["\(fixtures)/cifar10-\(protocolNumber).pickle"])
        #expect(set.shape == [3, 32, 32] && set.labels == [2, 0, 9] && set.classes.count == 10)
        #expect(set.pixels == Self.pixels)
    }

    @Test("CIFAR's records, of several files together, and the fine classes of CIFAR-100")
    func records() throws {
        let set = try CIFAR.ten.records(["\(fixtures)/cifar10.bin", "\(fixtures)/cifar10.bin"])
        #expect(set.labels == [2, 0, 9, 2, 0, 9] && set.pixels == Self.pixels + Self.pixels)
        let hundred = try CIFAR.hundred.records(["\(fixtures)/cifar100.bin"])
        #expect(try hundred == CIFAR.hundred.pickles(["\(fixtures)/cifar100.pickle"]))
        #expect(hundred.labels == [2, 0, 99])
    }

    @Test("IDX files, compressed or not")
    func idx() throws {
        let plain = try LabelledImages(idx: "\(fixtures)/images.idx", labels: "\(fixtures)/labels.idx")
        #expect(plain.shape == [1, 32, 32])
        #expect(plain.labels == [2, 0, 9])
        #expect(plain.classes == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
        #expect(Array(plain.pixels[1024..<1030]) == [7, 10, 13, 16, 19, 22])
        #expect(try LabelledImages(idx: "\(fixtures)/images.idx.gz", labels: "\(fixtures)/labels.idx.gz") == plain)
        let batch = plain.batch([2, 0])
        #expect(batch.labels == [9, 2] && batch.pixels.count == 2048)
        #expect(batch.pixels[1] * 255 == 17)
        #expect(batch.pixels[1025] * 255 == 3)
    }

    @Test("a pickle that calls something is refused where it does")
    func harmful() throws {
        let error = #expect(throws: FileError.self) { try CIFAR.ten.pickles(["\(fixtures)/harmful.pickle"]) }
        #expect(error.map { "\($0)".contains("system\" is not one that plain arrays need, and is not called (at byte ") } == true)
    }

    @Test("pickles that are cut or changed anywhere are refused or read, and never trap")
    func damaged() throws {
        let bytes = try readFile("\(fixtures)/cifar10-2.pickle", for: .data)
        for end in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: FileError.self) { try Pickle.read(Array(bytes[..<end]), path: "cut") }
        }
        var random = SplitMix(5)
        for _ in 0..<2000 {
            var changed = bytes
            // Instructions are at both ends.
            let place = Int.random(in: 0..<400, using: &random)
            changed[place < 200 ? place : bytes.count - 1 - (place - 200)] = UInt8.random(in: 0...255, using: &random)
            _ = try? Pickle.read(changed, path: "changed")
        }
    }

    @Test("files that are too short, too long, or of another kind are refused by name")
    func refusals() throws {
        let images = try readFile("\(fixtures)/images.idx", for: .data), packed = try readFile("\(fixtures)/images.idx.gz", for: .data)
        let cases: [(String, [UInt8], String)] = [
            ("short.idx", Array(images.dropLast()), "call for 3072 numbers, but it has 3071"),
            ("long.idx", images + [0], "call for 3072 numbers, but it has 3073"), ("empty.idx", [], "does not begin as an IDX file does"),
            ("floats.idx", [0, 0, 13] + images[3...], "holds numbers of type 13"),
            ("huge.idx", [0, 0, 8, 4] + [UInt8](repeating: 255, count: 16), "claims the sizes"),
            ("cut.idx.gz", Array(packed.dropLast(9)), "end too early"),
            ("damaged.idx.gz", packed[..<20] + packed[20...].map { $0 ^ 0x55 }, "d"),
        ]
        for (name, bytes, problem) in cases {
            try withFile(name, bytes) { path in
                let error = #expect(throws: FileError.self) { try IDXFile(path: path) }
                #expect(
                    error.map { "\($0)".contains(problem) && "\($0)".contains(name) } == true, "\(name): \(error.map { "\($0)" } ?? "")")
            }
        }
        try withFile("record.bin", [UInt8](repeating: 0, count: 3072)) { path in
            #expect(throws: FileError.self) { try CIFAR.ten.records([path]) }
        }
        try withFile("class.bin", [10] + [UInt8](repeating: 0, count: 3072)) { path in
            let error = #expect(throws: FileError.self) { try CIFAR.ten.records([path]) }
            #expect(error.map { "\($0)".contains("image 0 has the class 10, but there are 10 classes") } == true)
        }
        #expect(throws: FileError.self) { try LabelledImages(idx: "\(fixtures)/images.idx", labels: "\(fixtures)/images.idx") }
    }

    @Test("compressed data stop where they would grow beyond what is read, and go on in a second member")
    func gzip() throws {
        let packed = try readFile("\(fixtures)/images.idx.gz", for: .data), plain = try readFile("\(fixtures)/images.idx", for: .data)
        #expect(try Gzip.inflated(packed + packed, most: 1 << 20, path: "two") == plain + plain)
        let error = #expect(throws: FileError.self) { try Gzip.inflated(packed, most: 1000, path: "bomb") }
        #expect(error.map { "\($0)".contains("more than the 1000 bytes") } == true)
    }
}

@Suite("What is to be forgotten of a set of images")
struct ForgetSelectionTests {
    private func set() throws -> LabelledImages {
        try LabelledImages(
            shape: [1, 1, 1], pixels: (0..<20).map(UInt8.init), labels: (0..<20).map { Int32($0 % 3) },
            classes: ["cat", "dog", "ant", "elk"],
            path: "test")
    }

    @Test("classes by name or number, and all their images")
    func classes() throws {
        let set = try set()
        for text in ["class:dog", "class:1"] {
            let (forget, retain) = try ForgetSelection(text).split(set, seed: 0)
            #expect(forget == [1, 4, 7, 10, 13, 16, 19] && Set(forget).isDisjoint(with: retain) && forget.count + retain.count == 20)
        }
        #expect(try ForgetSelection("class:cat,ant").split(set, seed: 0).forget.count == 13)
    }

    @Test("a random share is the same for a seed, and another for another")
    func share() throws {
        let set = try set()
        let first = try ForgetSelection("random:25%").split(set, seed: 1)
        #expect(first.forget.count == 5 && first.forget == first.forget.sorted())
        #expect(try ForgetSelection("random:25%").split(set, seed: 1) == first)
        #expect(try ForgetSelection("random:5").split(set, seed: 1) == first)
        #expect(try ForgetSelection("random:25%").split(set, seed: 2) != first)
    }

    @Test("positions of a file")
    func indices() throws {
        try withFile("forget.txt", Array("3\n\n 17 \r\n3\n".utf8)) { path in
            let split = try ForgetSelection("indices:\(path)").split(set(), seed: 0)
            #expect(split.forget == [3, 17])
        }
        try withFile("forget.txt", Array("3\n20\n".utf8)) { path in
            let error = #expect(throws: ForgetSelection.Problem.self) { try ForgetSelection("indices:\(path)").split(set(), seed: 0) }
            #expect(error?.description.contains("line 2: \"20\" is no position from 0 to 19") == true)
        }
    }

    @Test("what makes no sense is refused with what would")
    func refusals() throws {
        for (text, problem) in [
            ("cats", "names no examples"), ("class:", "names no examples"), ("random:0%", "above 0%"), ("random:100%", "below 100%"),
            ("random:many", "expected a share"), ("class:cow", "no class \"cow\". Classes are cat, dog, ant, elk"), ("class:7", "no class"),
            ("class:elk", "has no image"), ("class:cat,dog,ant", "nothing to keep"), ("random:21", "there are 20"),
            ("random:20", "nothing to keep"),
        ] {
            let error = #expect(throws: ForgetSelection.Problem.self) { try ForgetSelection(text).split(set(), seed: 0) }
            #expect(error?.description.contains(problem) == true, "\(text): \(error?.description ?? "")")
        }
    }
}
