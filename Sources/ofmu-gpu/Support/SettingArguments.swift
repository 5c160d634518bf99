import ArgumentParser
import Unlearning

// How the settings of a run are written on the command line.

extension Weight: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}

extension StepRule: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}

extension Similarity: ExpressibleByArgument {}
extension UnlearningMethod: ExpressibleByArgument {}
extension InnerForm: ExpressibleByArgument {}
extension OuterForm: ExpressibleByArgument {}

/// A limit for tokens as it is asked for; the automatic one depends on the target.
enum CapArgument: ExpressibleByArgument {
    case automatic
    case fixed(Double?)

    /// Reads "auto", "none" or a number of nats.
    init?(argument: String) {
        switch argument {
        case "auto": self = .automatic
        case "none": self = .fixed(nil)
        default:
            guard let value = Double(argument), value.isFinite, value > 0 else { return nil }
            self = .fixed(value)
        }
    }
}

/// A forget target as it is asked for; the automatic one depends on the model.
enum TargetArgument: ExpressibleByArgument {
    case automatic
    case fixed(ForgetTarget)

    /// Reads "auto", "none", "3.5" (per example) or "mean:3.5".
    init?(argument: String) {
        switch argument {
        case "auto": self = .automatic
        case "none": self = .fixed(.none)
        default:
            let isMean = argument.hasPrefix("mean:")
            guard let value = Double(isMean ? String(argument.dropFirst(5)) : argument), value.isFinite, value > 0 else {
                return nil
            }
            self = .fixed(isMean ? .mean(value) : .perExample(value))
        }
    }
}
