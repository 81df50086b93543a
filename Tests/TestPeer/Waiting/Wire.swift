import Foundation
import Synchronization

/// Every message of one conversation with the time it passed, to be shown when a test fails.
package final class Wire: Sendable {
    /// Which way a message went, as seen from the gateway.
    package enum Direction: String, Sendable {
        case fromGateway = "<-- gateway"
        case toGateway = "--> gateway"
        case note = "    ·      "
    }

    /// One line of the ladder.
    package struct Entry: Sendable {
        package let time: ContinuousClock.Instant
        package let direction: Direction
        package let summary: String
        /// The whole message; empty for a note.
        package let text: String
    }

    private static let start = ContinuousClock.now
    private static let showsWholeMessages = ProcessInfo.processInfo.environment["GATEWAY_TEST_WIRE"] == "full"
    private let record = Mutex<[Entry]>([])

    /// An empty record.
    package init() { _ = Wire.start }

    /// All lines so far.
    package var entries: [Entry] { record.withLock { $0 } }

    /// Adds a line; from any thread.
    package func add(_ direction: Direction, _ summary: String, text: String = "") {
        let entry = Entry(time: .now, direction: direction, summary: summary, text: text)
        record.withLock { $0.append(entry) }
    }

    /// Adds a remark, such as an HTTP exchange, between the messages.
    package func note(_ text: String) { add(.note, text) }

    /// One line a message, with seconds since the tests began. With `GATEWAY_TEST_WIRE=full` in the environment the
    /// messages themselves follow.
    package var ladder: String {
        let entries = entries
        guard !entries.isEmpty else { return "  (nothing)" }
        return entries.map { entry in
            let seconds = (entry.time - Wire.start) / .seconds(1)
            let line = String(format: "  %9.4f  ", seconds) + "\(entry.direction.rawValue)  \(entry.summary)"
            return Wire.showsWholeMessages && !entry.text.isEmpty ? line + "\n" + entry.text : line
        }.joined(separator: "\n")
    }
}
