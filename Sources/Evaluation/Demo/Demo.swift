import Backends

/// The engine shown on itself: a small decoder learns fictitious people, forgets some of them with OFMU, and is compared with one
/// that never saw them. Everything but the size is what a real model goes through.
public enum Demo {
    /// Runs the whole demo with its standard settings.
    /// - Parameter event: called, on this thread, with everything that happens.
    public static func run(
        backend: any Backend, seed: UInt64 = 1, event: (DemoEvent) -> Void = { _ in }
    ) throws(EvaluationError) -> DemoResult {
        try run(DemoSettings(seed: seed), on: backend, event: event)
    }

    /// Runs the whole demo.
    /// - Throws: `EvaluationError` for settings that make no sense, for a run that diverges, and for whatever a device reports.
    public static func run(
        _ settings: DemoSettings, on backend: any Backend, event: (DemoEvent) -> Void = { _ in }
    ) throws(EvaluationError) -> DemoResult {
        // Only this call uses the closure, so it may be kept until its end.
        try withoutActuallyEscaping(event) { (event) throws(EvaluationError) in
            try DemoRun(settings, backend, event).run()
        }
    }
}
