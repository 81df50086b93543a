import Foundation

/// A POST as a sink received it.
package struct SinkRequest: Sendable {
    package let method: String
    /// The request target, query included.
    package let path: String
    /// By lower-case name.
    package let headers: [String: String]
    package let body: Data
    /// Which of the sink's connections brought it, from 1.
    package let connection: Int

    /// A string of the event, or of its `data` if the path has two parts: `id`, `data.status`.
    package func string(_ path: String) -> String? { value(path) as? String }

    /// A number of the event.
    package func int(_ path: String) -> Int? { value(path) as? Int }

    /// The event's id; empty if there is none.
    package var eventID: String { string("id") ?? "" }

    private func value(_ path: String) -> Any? {
        var value = try? JSONSerialization.jsonObject(with: body)
        for name in path.split(separator: ".") { value = (value as? [String: Any])?[String(name)] }
        return value
    }
}

/// What a sink does with a request.
package enum SinkReply: Sendable {
    /// Answers, with so many bytes of body.
    case status(Int, headers: [String: String] = [:], bodyBytes: Int = 0)
    /// Sends these bytes as they are and closes.
    case raw(String)
    /// Closes without a word.
    case close
    /// Answers only when the gate is opened.
    case wait(Gate, thenStatus: Int)
}

/// Holds threads until it is opened.
package final class Gate: Sendable {
    private let condition = NSCondition()
    nonisolated(unsafe) private var isOpen = false

    package init() {}

    package func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    package func pass() {
        condition.withLock { while !isOpen { condition.wait() } }
    }
}
