import Foundation

/// The figures as text.
enum Report {
    private static let widths = [9, 9, 8, 9, 9, 17, 17, 9, 7]

    static var phaseHeading: String {
        let upper = [
            "calls", "calls/s", "failed", "gateway", "driver", "POST→INVITE ms", "POST→201 ms", "late ms", "sent",
        ]
        let lower = ["", "", "", "µs/call", "µs/call", "p50    p99", "p50    p99", "p99", "again"]
        return [upper, lower].map { row in column("", 26) + zip(row, widths).map { right($0, $1) }.joined() }
            .joined(separator: "\n")
    }

    static func line(_ phase: PhaseResult) -> String {
        let tally = phase.tally
        let values = [
            "\(tally.completed)", decimal(tally.callsPerSecond, 0), "\(tally.failureCount)",
            decimal(phase.gatewayMicroseconds, 1), decimal(phase.driverMicroseconds, 1), pair(tally.postToInvite),
            pair(tally.postToCreated), decimal(tally.late.percentile(0.99), 2), "\(tally.retransmissions)",
        ]
        var text = column(phase.name, 26) + zip(values, widths).map { right($0, $1) }.joined()
        for (failure, count) in tally.failures.sorted(by: { $0.value > $1.value }) {
            text += "\n    \(count) × \(failure.description)"
        }
        if tally.retransmissions > 0 {
            text +=
                "\n    sent again: INVITE \(tally.inviteRetransmissions), ACK \(tally.ackRetransmissions),"
                + " BYE \(tally.byeRetransmissions), our 200 \(tally.answerRetransmissions)"
        }
        if tally.abandoned { text += "\n    given up early: most calls failed" }
        return text
    }

    static func text(_ held: HeldResult) -> String {
        func look(_ name: String, _ look: HeldResult.Look) -> String {
            "  " + column(name, 34) + right(mebibytes(look.resident), 9) + right(mebibytes(look.anonymous), 16)
                + right("\(look.descriptors)", 13)
        }
        return [
            phaseHeading, line(held.established), line(held.ended), "",
            column("", 36) + right("RSS MiB", 9) + right("anonymous MiB", 16) + right("descriptors", 13),
            look("before", held.before), look("with \(held.heldCalls) calls held", held.holding),
            look("after the last BYE", held.after),
            "  \(held.isSettled ? "stood still" : "did NOT stand still") \(decimal(held.settledSeconds, 0)) s after the"
                + " last call; SDP \(held.sdpBytes) bytes a call",
            "  bytes per held call beyond SDP: \(decimal(held.bytesPerCall, 0))",
        ].joined(separator: "\n")
    }

    static func text(_ floor: FloorResult) -> String {
        let values = [
            "\(floor.calls)", decimal(floor.callsPerSecond, 0), "\(floor.failed)", decimal(floor.microseconds, 1),
            decimal(floor.driverMicroseconds, 1),
        ]
        return [["calls", "calls/s", "failed", "µs/call", "driver"], values].enumerated()
            .map { row, words in
                column(row == 0 ? "" : "\(Results.headline) in flight", 26)
                    + zip(words, widths).map { right($0, $1) }.joined()
            }
            .joined(separator: "\n")
    }

    /// The gateway beside the floor and beside others.
    static func comparison(_ results: Results) -> String {
        var lines: [String] = []
        if let cost = results.headline?.gatewayMicroseconds {
            lines.append(other("the gateway, \(Results.headline) in flight", decimal(cost, 1), "µs a call", ""))
            if let floor = results.floor?.microseconds {
                lines.append(
                    other(
                        "floor: NTA alone, SIP work only", decimal(floor, 1), "µs a call",
                        "the gateway adds \(decimal(cost - floor, 1)) for HTTP, JSON, token and session"))
            }
            lines.append(
                other(
                    "Kamailio, JSON-RPC click-to-dial", decimal(Comparison.kamailioMicroseconds, 1), "µs a call",
                    share(cost, of: Comparison.kamailioMicroseconds) + "; it keeps no call and checks no token"))
            lines.append(
                other(
                    "Janus, SIP plugin", decimal(Comparison.janusMicroseconds, 1), "µs a call",
                    share(cost, of: Comparison.janusMicroseconds)))
        }
        if let bytes = results.held?.bytesPerCall {
            lines.append(other("the gateway, beyond SDP", decimal(bytes / 1_000, 1), "KB a held call", ""))
            lines.append(
                other(
                    "Janus, SIP plugin", decimal(Comparison.janusHeldBytes / 1_000, 0), "KB a held call",
                    share(bytes, of: Comparison.janusHeldBytes)))
        }
        return lines.joined(separator: "\n")
    }

    private static func other(_ name: String, _ value: String, _ unit: String, _ gateway: String) -> String {
        column("  " + name, 36) + right(value, 8) + " " + column(unit, 16) + gateway
    }

    static func line(_ bound: Bound) -> String {
        let verdict = bound.holds ? "kept  " : "BROKEN"
        let places = bound.limit == bound.limit.rounded() && bound.limit != Bound.inviteMilliseconds ? 0 : 2
        return "\(verdict)  \(column(bound.text, 42)) \(right(decimal(bound.value, places), 10))"
            + "  (at most \(decimal(bound.limit, places)))"
    }

    private static func share(_ value: Double, of other: Double) -> String {
        guard value > 0 else { return "nothing measurable" }
        return value <= other
            ? "\(decimal(100 - value / other * 100, 0)) % less (a factor of \(decimal(other / value, 1)))"
            : "\(decimal(value / other * 100 - 100, 0)) % MORE"
    }

    private static func pair(_ samples: [Nanoseconds]) -> String {
        "\(decimal(samples.percentile(0.5), 2)) \(right(decimal(samples.percentile(0.99), 2), 7))"
    }

    private static func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1_048_576, 1) }

    static func decimal(_ value: Double?, _ places: Int) -> String {
        guard let value else { return "–" }
        return String(format: "%.\(places)f", value)
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }
}
