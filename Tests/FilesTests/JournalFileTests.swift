import Files
import TestSupport
import Testing

@Suite("Journals")
struct JournalFileTests {
    @Test("What was added is read again, whatever its last writer was killed in")
    func append() throws {
        try withTemporaryFolder { folder in
            let path = joinPath(folder, "journal")
            var journal: JournalFile? = try JournalFile(beginning: path, header: "first")
            try journal?.append([1, ["a": 2.5]])
            #expect(throws: FileError.self) { try JournalFile(beginning: path, header: "other") }
            #expect(throws: FileError.self) { try JournalFile(continuing: path) }
            journal = nil
            let whole = try readFile(path, for: .data)
            for torn in ["", "{\"b\": ", "3", "\u{0}\u{0}\n", "not JSON\n4\n"] {
                let output = try AtomicFile(path: path)
                try output.writer.write(whole + Array(torn.utf8))
                try output.commit()
                let again = try JournalFile(continuing: path)
                #expect(again.header == "first")
                #expect(again.earlier == [1, ["a": 2.5]], "\(torn)")
                try again.append([.bool(true)])
                #expect(try readFile(path, for: .data) == whole + Array("true\n".utf8), "\(torn)")
            }
        }
    }

    @Test("A file without a first line is none")
    func malformed() throws {
        try withTemporaryFolder { folder in
            let path = joinPath(folder, "journal")
            #expect(throws: FileError.self) { try JournalFile(continuing: path) }
            for text in ["", "1", "half a\n"] {
                let output = try AtomicFile(path: path)
                try output.writer.write(text)
                try output.commit()
                #expect(throws: FileError.self, "\(text)") { try JournalFile(continuing: path) }
                #expect(try readFile(path, for: .data) == Array(text.utf8))
            }
        }
    }
}
