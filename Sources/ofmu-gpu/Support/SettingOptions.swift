import ArgumentParser
import Unlearning

/// The settings that a command offers.
protocol SettingChoice {
    associatedtype Settings: TabledSettings
    static var offered: [Setting<Settings>] { get }
}

extension SettingChoice where Self: TabledSettings {
    static var offered: [Setting<Self>] { table }
}

extension UnlearningSettings: SettingChoice {}
extension TrainingSettings: SettingChoice {}

/// One option for every setting of a choice: a setting is described once, in its table.
struct SettingOptions<Choice: SettingChoice>: ParsableArguments, CustomReflectable {
    /// What was asked for: texts by the names of settings.
    private(set) var asked: [String: String] = [:]

    init() {}

    subscript(name: String) -> String? { asked[name] }

    /// The parser learns of options by reflection.
    var customMirror: Mirror {
        let options = Choice.offered.map { setting in
            let names = [setting.name] + setting.aliases
            return (
                label: Optional("_" + setting.name),
                value: Option<String?>(
                    name: NameSpecification(names.map { .customLong($0) }), help: Self.help(setting),
                    completion: setting.values.isEmpty ? nil : .list(setting.values)) as Any
            )
        }
        return Mirror(self, children: options, displayStyle: .struct)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: SettingKey.self)
        for setting in Choice.offered {
            asked[setting.name] = try container.decode(Option<String?>.self, forKey: SettingKey(stringValue: setting.name)).wrappedValue
        }
    }

    func validate() throws {
        var settings = Choice.Settings()
        do {
            try settings.set(asked)
            try settings.validate()
        } catch { throw ValidationError("\(error)") }
    }

    private static func help(_ setting: Setting<Choice.Settings>) -> ArgumentHelp {
        let standard = setting.code(Choice.Settings())
        return ArgumentHelp(
            "\(setting.help) (default: \(setting.automatic ?? standard.asString ?? standard.serialized()))", valueName: setting.placeholder)
    }
}

private struct SettingKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
