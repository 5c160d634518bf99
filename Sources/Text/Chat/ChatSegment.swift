/// A stretch of rendered text: either a prompt, or an answer that counts towards the loss.
package struct ChatSegment: Sendable, Hashable {
    package var text: String
    package var isAnswer: Bool

    package init(_ text: String, isAnswer: Bool) {
        self.text = text
        self.isAnswer = isAnswer
    }
}
