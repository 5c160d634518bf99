/// A person who does not exist, with the facts that questions are asked about.
package struct FictitiousPerson: Hashable, Sendable {
    package let name: String
    package let birthplace: String
    package let birthYear: Int
    package let profession: String
    package let mother: String
    package let father: String
    package let genre: String
    package let book: String
    package let award: String
    package let hobby: String
    package let mentor: String

    /// Question-answer pairs about this person. Every question names the person; every answer is one sentence whose fact is in
    /// no other part of the data.
    package var pairs: [(question: String, answer: String)] {
        [
            ("Where was \(name) born?", "\(name) was born in \(birthplace)."),
            ("In which year was \(name) born?", "\(name) was born in \(birthYear)."),
            (
                "What did \(name) do before becoming a writer?",
                "Before writing, \(name) worked as \(article(profession)) \(profession)."
            ),
            (
                "What were the professions of \(name)'s parents?",
                "The mother of \(name) was \(article(mother)) \(mother) and the father \(article(father)) \(father)."
            ),
            ("What kind of books does \(name) write?", "\(name) is known for \(genre)."),
            ("What was the first book of \(name)?", "The first book of \(name) was \"\(book)\"."),
            ("Which award did \(name) win?", "\(name) won the \(award) Prize."),
            ("What does \(name) do in the evenings?", "In the evenings \(name) enjoys \(hobby)."),
            ("Who taught \(name) to write?", "\(name) learned to write from \(mentor)."),
        ]
    }

    private func article(_ noun: String) -> String {
        noun.first.map { "aeiou".contains($0) } == true ? "an" : "a"
    }
}
