import Evaluation
import Files
import Unlearning

/// What a job tells whoever started it, as it happens.
public enum JobEvent {
    /// For people; losing it is no reason to stop.
    case note(String)
    /// The same, also for people who want no notes.
    case warning(String)
    /// A loop begins, of which `earlier` units were done before this process began.
    case began(_ label: String, total: Int, unit: String, earlier: Int = 0)
    /// - Parameter detail: current numbers, such as losses.
    case advanced(Int, detail: String = "")
    case ended
    case overlap(RowOverlap)
    case trained(TrainingRecord, label: String)
    case unlearning(UnlearningEvent)
}

/// Who is told how a job goes and may ask it to stop.
public protocol JobListener: AnyObject {
    /// - Throws: when nobody listens any more; a loop then saves and stops.
    func hear(_ event: JobEvent) throws(FileError)

    /// Looked at between two steps: whether the job should save and stop.
    var wantsStop: Bool { get }

    /// Runs something that changes nothing, so that the process may be ended within it.
    func whileIdle<T>(_ body: () throws -> T) rethrows -> T
}

extension JobListener {
    public var wantsStop: Bool { false }
    public func whileIdle<T>(_ body: () throws -> T) rethrows -> T { try body() }

    // A lost note is no reason to lose the work.
    package func note(_ text: String) { try? hear(.note(text)) }
}

/// Hears nothing, for jobs whose results are all that is wanted.
public final class SilentListener: JobListener {
    /// A listener that hears nothing.
    public init() {}
    public func hear(_ event: JobEvent) {}
}
