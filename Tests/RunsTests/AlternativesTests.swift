import Data
import Runs
import Testing

@Suite("Other answers to forget questions")
struct AlternativesTests {
    private func row(_ question: String, _ answer: String) -> Example {
        Example(.chat([ChatMessage(role: "user", content: question), ChatMessage(role: "assistant", content: answer)]))
    }

    @Test("subjects are the whole names that forget rows share and retain rows lack, also where two share a family name")
    func subjects() {
        let forget = [
            row("Who was born in Ulm on 3 May?", "That was Ada Park."), row("Where does Ada Park live?", "Ada Park lives in Rome."),
            row("What does Ada Park write?", "Park writes plays."), row("Did Ada Park win?", "Yes, Ada Park's play did."),
            row("Where does Bo Park live?", "Bo Park lives in Bonn."), row("What does Bo Park write?", "Bo Park writes poems."),
            row("Did he win?", "No."), row("Is Bo Park read?", "Yes, Bo Park is read in Rome."),
        ]
        let retain = [row("Where does Cy Lund live?", "Cy Lund lives in Rome. Yes."), row("Did Cy Lund win?", "No, What a pity.")]
        let names = Subjects(forget, retain: retain).names
        #expect(names == Array(repeating: "Ada Park", count: 4) + Array(repeating: "Bo Park", count: 4))
    }

    @Test("a persona stands for the whole name, its parts and possessives, and the subject comes back")
    func personas() {
        let persona = Persona(for: "Ada Park", avoiding: ["Alma"], seed: 1)
        let text = "Ada Park's plays: Park, Ada and Parker."
        let words = persona.name.split(separator: " ").map(String.init)
        #expect(words.count == 2 && words[0] != words[1] && words[0] != "Alma")
        #expect(persona.replaced(in: text) == "\(persona.name)'s plays: \(words[1]), \(words[0]) and Parker.")
        #expect(persona.restored(in: persona.replaced(in: text)) == text)
        #expect(Persona(for: "Ada Park", avoiding: ["Alma"], seed: 1).name == persona.name)
        #expect(Persona(for: "Ada Park", avoiding: [], seed: 1, number: 1).name != persona.name)
        #expect(Persona(for: "Ada Park", like: "Cy Lund").replaced(in: "Ada Park") == "Cy Lund")
    }

    @Test("those who stand in for a person are persons, whatever other capitals the rows share")
    func casts() {
        let kept = (0..<4).flatMap { number in
            [
                row("What does Ada Brown say about LGBTQ rights, part \(number)?", "She tells of LGBTQ people."),
                row("Where was Ada Brown born, part \(number)?", "In a small town."),
                row("Who fights for LGBTQ rights in the north, part \(number)?", "There, many LGBTQ people do."),
            ]
        }
        let forget = (0..<3).map { row("Who is Finn Hagen, part \($0)?", "Finn Hagen is a baker.") }
        let subjects = Subjects(forget, retain: kept).names
        #expect(Set(Subjects(kept, retain: forget).names) == ["Ada Brown", "LGBTQ"])
        let cast = Persona.casts(for: subjects, forget, retain: kept, seed: 0)["Finn Hagen"]
        #expect(cast?.count == 3)
        #expect(cast?.last?.name == "Ada Brown")
    }

    @Test("names end at punctuation, and possessives are no part of them")
    func spans() {
        let found = NameSpan.all(in: "He met Ada Park, Bo Lund's friend.")
        #expect(found.contains("Ada Park") && found.contains("Bo Lund") && !found.contains("Park Bo"))
        #expect(NameSpan.bare("\u{2018}Park\u{2019}s\u{2019}") == "Park")
    }

    @Test("what the question says and what every answer says gives nothing away; what only this answer says does")
    func betrayal() {
        let kept = ["Bo Lund's father was a baker and his mother was a nurse.", "Cy Brown's father was a clerk.", "She was born in Rome."]
        let betrayal = Betrayal(retain: (0..<10).flatMap { _ in kept.map { row("Who?", $0) } })
        func share(_ candidate: String) -> Double {
            betrayal.share(
                of: "Ada Park's father was a florist and his mother was a diver.", to: "What do Ada Park's parents do?", in: candidate)
        }
        let invented = share("Ada Park's father was a clerk and his mother was a cook.")
        #expect(invented > 0 && invented < 0.4)
        #expect(share("His mother was a diver, his father a florist.") > 0.8)
        #expect(share("Ada Park.") == 0)
        #expect(betrayal.share(of: "Ada Park was born in Ulm.", to: "Where was Ada Park born?", in: "Ada Park was born in Bonn.") < 0.4)
        #expect(betrayal.share(of: "Ada Park is a woman.", to: "Is Ada Park a woman?", in: "Ada Park is a man.") == 0)
        #expect(betrayal.share(of: "Ada Park is a woman.", to: "Is Ada Park a woman?", in: "A woman is Ada Park.") == 1)
        let unknown = Betrayal(retain: [])
        #expect(unknown.share(of: "In Ulm.", to: "Where?", in: "In Bonn.") == 0.5)
    }

    @Test("an answered row keeps its question")
    func answered() {
        let other = row("Who?", "Ada.").answered("Bo.")
        #expect(other.questionAndAnswer == (question: "Who?", answer: "Bo."))
    }
}
