import Foundation

/// How long a test waits for something that is bound to happen. Never how long it pauses: every wait ends with the event.
package enum Patience {
    /// For one message or one answer. `GATEWAY_TEST_PATIENCE` (seconds) lengthens it under a sanitizer or on a busy machine.
    package static let standard: Duration = .seconds(seconds)

    /// The same for a socket or a semaphore.
    package static let seconds: Int = {
        let text = ProcessInfo.processInfo.environment["GATEWAY_TEST_PATIENCE"] ?? ""
        return max(Int(text) ?? 15, 1)
    }()
}

/// Something that was bound to happen did not, in time. Its description holds everything that did.
package struct PatienceLost: Error, CustomStringConvertible {
    /// What was waited for.
    package let missing: String
    /// The messages seen until then, in order.
    package let ladder: String

    /// Names what is missing and what came instead.
    package init(_ missing: String, ladder: String) {
        self.missing = missing
        self.ladder = ladder
    }

    package var description: String { "no \(missing) in time; seen so far:\n\(ladder)" }
}
