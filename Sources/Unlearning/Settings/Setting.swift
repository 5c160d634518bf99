import Files

/// All that is known of one setting. Command-line options, limits, reports, and the identity of a run come from here.
package struct Setting<Settings>: Sendable {
    /// Words joined by hyphens, as an option is written.
    package let name: String
    /// Shorter names of the option.
    package let aliases: [String]
    package let help: String
    /// What stands for the value where usage is shown.
    package let placeholder: String
    /// The only values, where there are few.
    package let values: [String]
    /// What a command asks for where nobody asks for anything, if that is not the default: a text that depends on the model.
    package let automatic: String?
    /// Sets the value from its text; false if it is none.
    let read: @Sendable (_ text: String, _ vocabulary: Int?, inout Settings) -> Bool
    /// The value as it is stored: a number or a text that `read` accepts.
    package let code: @Sendable (Settings) -> JSONValue
    /// "must be from 1 to 10, not 12", or nil.
    let problem: @Sendable (Settings) -> String?

    /// The name in reports and other files.
    package var key: String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// The name in sentences.
    let words: String

    /// - Parameters:
    ///   - words: the name in sentences, if it is not the name without hyphens.
    ///   - absent: how nil is written, where the value is optional.
    ///   - automatic: the value for a text "auto" and a vocabulary, given the settings before it in the table.
    init<Value: SettingValue>(
        _ name: String, _ path: WritableKeyPath<Settings, Value> & Sendable, as placeholder: String,
        within limits: Limits<Value.Number>? = nil,
        words: String? = nil, absent: String = "none", aliases: [String] = [],
        automatic: (@Sendable (_ vocabulary: Int, Settings) -> Value)? = nil, _ help: String
    ) {
        (self.name, self.aliases, self.help, self.placeholder) = (name, aliases, help, placeholder)
        values = Value.allTexts
        self.words = words ?? String(name.map { $0 == "-" ? " " : $0 })
        self.automatic = automatic == nil ? nil : "auto"
        read = { text, vocabulary, settings in
            if text == "auto", let automatic {
                if let vocabulary { settings[keyPath: path] = automatic(vocabulary, settings) }
            } else if text == absent, let absent = Value.absent {
                settings[keyPath: path] = absent
            } else {
                guard let value = Value(settingText: text) else { return false }
                settings[keyPath: path] = value
            }
            return true
        }
        code = { settings in settings[keyPath: path].settingCode ?? .string(absent) }
        problem = { settings in settings[keyPath: path].number.flatMap { limits?.problem($0) } }
    }
}

/// Settings that a table describes.
package protocol TabledSettings: Sendable {
    init()
    static var table: [Setting<Self>] { get }
    /// What else is meant by what is asked for, unless it is asked for too: texts by the names of settings.
    static func implied(by asked: [String: String]) -> [String: String]
    /// Why these settings do not go together; nil where they do.
    var conflict: UnlearningError? { get }
}

extension TabledSettings {
    package static func implied(by asked: [String: String]) -> [String: String] { [:] }
    package var conflict: UnlearningError? { nil }

    /// Every setting under its key, in the order of the table: what reports show, and what tells runs apart.
    package var codes: JSONObject { JSONObject(Self.table.map { ($0.key, $0.code(self)) }) }

    /// Sets what is asked for, in the order of the table.
    /// - Parameters:
    ///   - asked: texts by the names of settings.
    ///   - vocabulary: of the model, on which automatic values depend; nil, where no model is known yet, leaves those as they are.
    ///   - fillsIn: whether automatic values take the place of what is not asked for.
    ///   - implied: what else is meant; nil for what `implied(by:)` says.
    /// - Throws: `UnlearningError.setting` for a text that is no value of its setting.
    package mutating func set(_ asked: [String: String], vocabulary: Int? = nil, fillsIn: Bool = false, implied: [String: String]? = nil)
        throws(UnlearningError)
    {
        let implied = implied ?? Self.implied(by: asked)
        for setting in Self.table {
            guard let text = asked[setting.name] ?? implied[setting.name] ?? (fillsIn ? setting.automatic : nil) else { continue }
            guard setting.read(text, vocabulary, &self) else {
                let meant = setting.values.isEmpty ? setting.help : "It is one of \(setting.values.joined(separator: ", "))."
                throw .setting(name: setting.words, problem: "\"\(text)\" is no \(setting.placeholder). \(meant)")
            }
        }
    }

    /// - Throws: `UnlearningError.setting` naming the first setting that is beyond its limits or does not go with another.
    package func validate() throws(UnlearningError) {
        for setting in Self.table {
            if let problem = setting.problem(self) { throw .setting(name: setting.words, problem: problem) }
        }
        if let conflict { throw conflict }
    }
}
