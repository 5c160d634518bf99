import Data
import Demo
import Evaluation
import Files
import Testing
import Text

@Suite("Fictitious people")
struct PeopleTests {
    @Test("are the same bytes for the same seed, and others for another")
    func deterministic() {
        let lines = { (seed: UInt64) in
            FictitiousPeople.jsonLines(
                FictitiousPeople.examples(FictitiousPeople(count: 12, seed: seed).people, file: "people.jsonl"))
        }
        #expect(lines(7) == lines(7))
        #expect(lines(7) != lines(8))
    }

    @Test("with more of them begin with the same ones")
    func prefix() {
        let few = FictitiousPeople(count: 12, seed: 3).people
        #expect(Array(FictitiousPeople(count: 24, seed: 3).people.prefix(12)) == few)
    }

    @Test("share no fact while the word lists last")
    func distinct() {
        let people = FictitiousPeople(count: 24, seed: 5).people
        let facts: [(FictitiousPerson) -> String] = [
            \.name, \.birthplace, { String($0.birthYear) }, \.profession, \.mother, \.father, \.genre, \.book, \.award, \.hobby, \.mentor,
        ]
        for fact in facts { #expect(Set(people.map(fact)).count == people.count) }
    }

    @Test("have whole names of their own, even as many as can be made")
    func names() {
        let people = FictitiousPeople(count: .max, seed: 1).people
        #expect(people.count == FictitiousPeople.maximum)
        #expect(Set(people.map(\.name)).count == people.count)
        #expect(FictitiousPeople(count: 0, seed: 1).people.count == 1)
    }

    @Test("are named in every question, and never answered by it")
    func questions() {
        for person in FictitiousPeople(count: 20, seed: 2).people {
            #expect(Set(person.pairs.map(\.question)).count == person.pairs.count)
            for pair in person.pairs {
                #expect(pair.question.contains(person.name) && pair.question.hasSuffix("?"))
                #expect(pair.answer.hasSuffix(".") && !pair.question.contains(pair.answer.dropLast()))
            }
        }
    }

    @Test("are read back from their JSON lines")
    func jsonLines() throws {
        let examples = FictitiousPeople.examples(FictitiousPeople(count: 3, seed: 2).people, questions: 4, file: "a")
        let read = try ExampleFile.parse(Array(FictitiousPeople.jsonLines(examples).utf8), file: "a")
        #expect(read.map(\.content) == examples.map(\.content))
        #expect(read.map(\.position.line) == Array(1...12))
    }
}

@Suite("The byte-pair trainer")
struct BytePairTrainerTests {
    @Test("learns the frequent pairs first and the smaller ids among equals")
    func merges() {
        let description = BytePairTrainer(vocabularySize: 260).train(["ab ab ab abc", "abc cd"])
        // "ab" occurs five times and comes first; with the space before it, three times.
        #expect(description.merges.first == TokenMerge("a", "b"))
        #expect(description.tokens.count == 257 + description.merges.count)
        #expect(description.tokens.suffix(description.merges.count) == description.merges.map { $0.left + $0.right }[...])
        #expect(description.merges.contains(TokenMerge("Ġ", "ab")))
    }

    @Test("stops when nothing repeats")
    func exhausted() {
        #expect(BytePairTrainer(vocabularySize: 1000).train(["abcdef"]).tokens.count == 257)
        #expect(BytePairTrainer(vocabularySize: 10, specialTokens: []).train(["aa aa"]).tokens.count == 256)
    }

    @Test("gives a tokenizer that returns every text, and the same ids each time")
    func roundTrip() throws {
        let data = try DemoData(people: 6, forgotten: 2, questions: 5, vocabulary: 400, seed: 1)
        let again = try DemoData(people: 6, forgotten: 2, questions: 5, vocabulary: 400, seed: 1)
        let tokenizer = data.encoder.tokenizer
        for example in data.retain + data.forget {
            let (question, answer) = example.questionAndAnswer
            for text in [question, answer] {
                let ids = tokenizer.encode(text)
                #expect(tokenizer.decode(ids) == text)
                #expect(again.encoder.tokenizer.encode(text) == ids)
            }
        }
        for text in ["", "naïve 東京 👍🏽\n\t  x", "Question: 12"] { #expect(tokenizer.decode(tokenizer.encode(text)) == text) }
    }

    @Test("gives a description that survives the files of a Hugging Face folder")
    func folder() throws {
        let data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let description = data.encoder.tokenizer.description
        let read = try TokenizerDescription(
            tokenizerJSON: description.tokenizerJSON(), configuration: description.tokenizerConfigJSON())
        let tokenizer = try Tokenizer(read)
        for example in data.forget {
            let text = example.questionAndAnswer.answer
            #expect(tokenizer.encode(text) == data.encoder.tokenizer.encode(text))
        }
        #expect(read.endID == description.endID)
    }

    @Test("and the plain template mark the answers and their end")
    func labels() throws {
        let data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let tokenizer = data.encoder.tokenizer
        for (example, tokens) in zip(data.retain, try data.tokens(data.retain)) {
            let answer = tokens.labels.filter { $0 >= 0 }
            #expect(tokenizer.decode(answer) == " " + example.questionAndAnswer.answer)
            #expect(answer.last == tokenizer.description.endID)
        }
    }
}
