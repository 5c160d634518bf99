import Files

/// A value that a setting can have: how it is written and read.
protocol SettingValue: Sendable {
    /// What limits are about.
    associatedtype Number: Comparable & Sendable = Int
    init?(settingText: String)
    /// A number, or a text that the initialiser reads; nil for a value that is absent.
    var settingCode: JSONValue? { get }
    var number: Number? { get }
    /// The value for "nothing", where there is one.
    static var absent: Self? { get }
    /// The only texts, where there are few.
    static var allTexts: [String] { get }
}

extension SettingValue {
    static var absent: Self? { nil }
    static var allTexts: [String] { [] }
}

extension SettingValue where Number == Int {
    var number: Int? { nil }
}

extension Int: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    var settingCode: JSONValue? { .integer(self) }
    var number: Int? { self }
}

extension UInt64: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    /// A text: JSON's numbers do not hold all of them.
    var settingCode: JSONValue? { .string(String(self)) }
}

extension Double: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    var settingCode: JSONValue? { .number(self) }
    var number: Double? { self }
}

extension Optional: SettingValue where Wrapped: SettingValue {
    init?(settingText: String) {
        guard let value = Wrapped(settingText: settingText) else { return nil }
        self = .some(value)
    }

    var settingCode: JSONValue? { flatMap(\.settingCode) }
    var number: Wrapped.Number? { flatMap(\.number) }
    static var absent: Self? { .some(nil) }
    static var allTexts: [String] { Wrapped.allTexts }
}

extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    init?(settingText: String) { self.init(rawValue: settingText) }
    var settingCode: JSONValue? { .string(rawValue) }
    static var allTexts: [String] { allCases.map(\.rawValue) }
}

extension UnlearningMethod: SettingValue {}
extension ForgetPart: SettingValue {}
extension RetainPart: SettingValue {}
extension CombinationPart: SettingValue {}
extension Similarity: SettingValue {}
extension InnerForm: SettingValue {}
extension OuterForm: SettingValue {}

extension SettingValue where Self: CustomStringConvertible {
    var settingCode: JSONValue? { .string(description) }
}

extension Weight: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    var number: Double? { value }
}

extension ObjectiveParameters: SettingValue {
    init?(settingText: String) { self.init(settingText) }
}

extension StepRule: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    var number: Double? { length }
}

extension ForgetTarget: SettingValue {
    init?(settingText: String) { self.init(settingText) }
    var number: Double? { value }
}
