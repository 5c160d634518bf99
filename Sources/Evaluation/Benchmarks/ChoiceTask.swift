/// A benchmark of multiple-choice questions, asked as lm-evaluation-harness asks its task of this name: without examples and without a
/// chat template.
package enum ChoiceTask: String, CaseIterable, Sendable, Hashable {
    // WMDP, arXiv 2403.03218: what is to be forgotten.
    case biology = "wmdp_bio"
    case chemistry = "wmdp_chem"
    case cybersecurity = "wmdp_cyber"
    /// Hendrycks et al., arXiv 2009.03300: what is to be kept.
    case mmlu

    /// For tables and messages.
    package var title: String {
        switch self {
        case .biology: "WMDP biology"
        case .chemistry: "WMDP chemistry"
        case .cybersecurity: "WMDP cybersecurity"
        case .mmlu: "MMLU"
        }
    }

    /// The option that names the file.
    package var option: String {
        switch self {
        case .biology: "--wmdp-bio"
        case .chemistry: "--wmdp-chem"
        case .cybersecurity: "--wmdp-cyber"
        case .mmlu: "--mmlu"
        }
    }

    /// What the harness' prompt says the questions are about; nil where each row says it.
    var subject: String? {
        switch self {
        case .biology: "biology"
        case .chemistry: "chemistry"
        case .cybersecurity: "cybersecurity"
        case .mmlu: nil
        }
    }

    /// Whether a good model knows the answers.
    package var isKept: Bool { self == .mmlu }
}
