import Backends
import Graph
import TestSupport
import Testing

extension OpenCLTests {
    /// Every operation with its derivatives, as plans on every device, against the definitions in float64.
    @Suite("Devices agree with the definitions")
    struct OperationAgreementTests {
        static let cases = (1...3).flatMap { OperationCases.all(seed: $0) }

        @Test("Value, pushforward, pullback and its pushforward", arguments: TestDevice.allCases, cases)
        func agrees(device: TestDevice, test: OperationCase) throws {
            let derived = DerivedCase(test, seed: 11)
            #expect(try disagreements(derived.plan, on: device.backend(), derived.values) == [])
        }
    }
}
