import Testing

/// One test at a time uses OpenCL, of all suites: the devices of tests are one processor, and PoCL's compiler has ended the process
/// where suites compiled side by side.
public struct OpenCLTurn: SuiteTrait, TestTrait, TestScoping {
    private actor Gate {
        static let shared = Gate()
        private var isTaken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func enter() async {
            if isTaken { return await withCheckedContinuation { waiting.append($0) } }
            isTaken = true
        }

        func leave() {
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
    }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Gate.shared.enter()
        do {
            try await function()
        } catch {
            await Gate.shared.leave()
            throw error
        }
        await Gate.shared.leave()
    }
}

extension Trait where Self == OpenCLTurn {
    /// Waits until no other test uses OpenCL.
    public static var openCLTurn: OpenCLTurn { OpenCLTurn() }
}
