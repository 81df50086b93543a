import CSofiaSIP

/// One SIP message as a line for people: `08:15:02.123  → 200 OK (INVITE)  call 3f9a2b1c  tag 9c1b7704  SDP 512 bytes`.
package struct LadderLine: Equatable, Sendable {
    package enum Direction: String, Sendable {
        case received = "←"
        case sent = "→"
    }

    package var direction: Direction
    /// A method with its number, or status, phrase and method; free of control characters.
    package var message: String
    package var callID: String
    /// Our tag, once the message has one.
    package var tag: String?
    package var bodyBytes: Int = 0
    /// For people: what the number means, where the request was sent.
    package var note: String?

    /// How a line names a response: `486 Busy Here (INVITE)`.
    static func response(_ status: Int, to method: String) -> String {
        "\(status) \(String(cString: csip_status_phrase(Int32(status)))) (\(method))"
    }

    /// The line, without its end, at a time of day in milliseconds.
    package func text(at time: Int) -> String {
        var line = LadderLine.clock(time) + "  " + direction.rawValue + " " + LadderLine.padded(message, to: 38)
        line += "  call " + LadderLine.padded(String(callID.prefix(8)), to: 8)
        line += LadderLine.padded(tag.map { "  tag " + $0.prefix(8) } ?? "", to: 14)
        if bodyBytes > 0 { line += "  SDP \(bodyBytes) bytes" }
        if let note { line += "  # " + note }
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func clock(_ time: Int) -> String {
        let time = ((time % 86_400_000) + 86_400_000) % 86_400_000
        return padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2) + ":" + padded(time / 1000 % 60, 2)
            + "." + padded(time % 1000, 3)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
