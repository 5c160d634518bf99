/// A part of a method by the code of one that some method has.
public protocol MethodPart: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == String {
    /// The part of that code, which is among `codes`.
    init(code: String)
    /// The codes of all such parts, in the order of the methods.
    static var codes: [String] { get }
}

extension MethodPart {
    public init?(rawValue: String) {
        guard Self.codes.contains(rawValue) else { return nil }
        self.init(code: rawValue)
    }

    /// All of them.
    public static var allCases: [Self] { codes.map { Self(code: $0) } }
}

/// A forget objective, by its code.
public struct ForgetPart: MethodPart {
    /// Its code.
    public let rawValue: String
    /// The part of that code, which is among `codes`.
    public init(code: String) { rawValue = code }
    /// In the order of the methods.
    public static let codes = unique(UnlearningMethod.allCases.map(\.forget.code))

    var objective: (any ForgetObjective)? { UnlearningMethod.allCases.lazy.map(\.forget).first { $0.code == rawValue } }
}

/// A retain objective, by its code; "none" looks at no data to keep.
public struct RetainPart: MethodPart {
    /// Its code.
    public let rawValue: String
    /// The part of that code, which is among `codes`.
    public init(code: String) { rawValue = code }
    /// In the order of the methods.
    public static let codes = unique(UnlearningMethod.allCases.compactMap(\.retain?.code)) + ["none"]

    var objective: (any RetainObjective)? { UnlearningMethod.allCases.lazy.compactMap(\.retain).first { $0.code == rawValue } }
}

/// A combination, by its code.
public struct CombinationPart: MethodPart {
    /// Its code.
    public let rawValue: String
    /// The part of that code, which is among `codes`.
    public init(code: String) { rawValue = code }
    /// In the order of the methods.
    public static let codes = unique(UnlearningMethod.allCases.map(\.combination.code))

    var combination: (any Combination)? { UnlearningMethod.allCases.lazy.map(\.combination).first { $0.code == rawValue } }
}

/// In the order of their first places.
private func unique(_ codes: [String]) -> [String] {
    var seen: Set<String> = []
    return codes.filter { seen.insert($0).inserted }
}

extension UnlearningMethod {
    /// The method with parts of others in place of its own; itself, where there are none.
    func with(_ forget: ForgetPart?, _ retain: RetainPart?, _ combination: CombinationPart?) -> UnlearningMethod {
        let named = [
            forget.map { "forget \($0.rawValue)" }, retain.map { "retain \($0.rawValue)" }, combination.map { "by \($0.rawValue)" },
        ].compactMap { $0 }
        guard !named.isEmpty else { return self }
        return UnlearningMethod(
            name: "\(name) with " + named.joined(separator: ", "), summary: summary, source: source,
            forget: forget?.objective ?? self.forget, retain: retain == nil ? self.retain : retain?.objective,
            combination: combination?.combination ?? self.combination, defaults: defaults, published: published)
    }
}
