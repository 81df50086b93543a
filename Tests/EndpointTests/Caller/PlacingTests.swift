import CallCore
import SIPBridge
import TestPeer
import Testing

@testable import Endpoint

/// One endpoint calls another over real sockets.
@Suite struct PlacingTests {
    /// Has an endpoint call `number` at another one, and returns how that came out and what the caller has printed.
    private func call(
        _ number: String, talk: Duration = .zero, patience: Duration? = nil, changes: [MediaChange] = [],
        script: EndpointScript? = nil,
        _ during: (SIPEndpoint, Mailbox<String>) async throws -> Void = { _, _ in }
    ) async throws -> (outcome: CallOutcome, lines: [String]) {
        let listen = [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)]
        var options = EndpointOptions(listen: listen)
        if let script { options.script = { _ in script } }
        let callee = SIPEndpoint(options)
        let address = try #require(try callee.start().first)
        defer { callee.stop() }
        let (lines, outcome) = (Mailbox<String>(), Mailbox<CallOutcome>())
        let caller = SIPEndpoint(EndpointOptions(listen: listen, onLine: { lines.put($0) }, timeOfDay: { 0 }))
        _ = try caller.start()
        defer { caller.stop() }
        let plan = CallPlan(
            number: try #require(PhoneNumber(number)), caller: try #require(PhoneNumber("+19195550100")),
            gateway: address, talk: talk, patience: patience, changes: changes)
        caller.place(plan) { outcome.put($0) }
        try await during(caller, lines)
        let ended = try #require(await outcome.next(within: .seconds(10)))
        #expect(await caller.liveCalls == 0)
        return (
            ended,
            lines.values.map { line in
                String(line.dropFirst(14).prefix(40)).split(separator: " ").joined(separator: " ")
            }
        )
    }

    @Test("Answered at once, talked, hung up")
    func answered() async throws {
        let (outcome, lines) = try await call("+17085854200")
        #expect(outcome == .ended)
        #expect(
            lines == [
                "→ INVITE +17085854200", "← 200 OK (INVITE)", "→ ACK", "→ BYE", "← 200 OK (BYE)",
            ])
    }

    @Test("A reliable 183 has its PRACK; the callee's own BYE ends the call")
    func reliable() async throws {
        let (outcome, lines) = try await call("+17085854183", talk: .milliseconds(10))
        #expect(outcome == .ended)
        #expect(
            lines == [
                "→ INVITE +17085854183", "← 183 Session Progress (INVITE)", "→ PRACK", "← 200 OK (PRACK)",
                "← 200 OK (INVITE)", "→ ACK", "→ BYE", "← 200 OK (BYE)",
            ])
        let (second, others) = try await call("+17085854704", talk: .seconds(60))
        #expect(second == .ended)
        #expect(others.suffix(2) == ["← BYE", "→ 200 OK (BYE)"])
    }

    @Test("Refused", arguments: [404, 486, 603])
    func refused(status: Int) async throws {
        let (outcome, lines) = try await call("+17085854\(status)")
        #expect(outcome == .refused(status))
        #expect(lines.count == 3)
        #expect(lines.last == "→ ACK")
    }

    @Test("Given up while it rings: CANCEL, 487")
    func cancelled() async throws {
        let (outcome, lines) = try await call("+17085854702") { endpoint, lines in
            _ = await lines.next { $0.contains("180 Ringing") }
            endpoint.hangUp()
        }
        #expect(outcome == .cancelled)
        #expect(lines.contains("→ CANCEL"))
        #expect(lines.contains { $0.hasPrefix("← 487") })
    }

    @Test("Hung up before the time to talk is over")
    func hungUp() async throws {
        let (outcome, lines) = try await call("+17085854200", talk: .seconds(3_600)) { endpoint, lines in
            _ = await lines.next { $0.contains("ACK") }
            endpoint.hangUp()
        }
        #expect(outcome == .ended)
        #expect(lines.suffix(2) == ["→ BYE", "← 200 OK (BYE)"])
    }

    @Test("Given up when the caller's patience is over")
    func impatient() async throws {
        let (outcome, lines) = try await call("+17085854702", patience: .milliseconds(50))
        #expect(outcome == .cancelled)
        #expect(lines.contains("→ CANCEL"))
    }

    @Test("Both sides change the media, by re-INVITE and UPDATE; nothing is left of the call")
    func changes() async throws {
        let changes = [MediaChange(.held), MediaChange(.resumed, by: .update), MediaChange(.moved)]
        let steps: [EndpointStep] = [.answer] + changes.flatMap { [.change($0), .wait(.milliseconds(40))] }
        let (outcome, lines) = try await call(
            "+17085854200", talk: .seconds(2), changes: changes, script: .steps(steps))
        #expect(outcome == .ended)
        func count(_ line: String) -> Int { lines.filter { $0 == line }.count }
        for (line, expected) in [
            ("← INVITE", 2), ("← UPDATE", 1), ("→ 200 OK (INVITE)", 2), ("→ 200 OK (UPDATE)", 1), ("← ACK", 2),
            ("→ INVITE", 2), ("→ UPDATE", 1), ("← 200 OK (INVITE)", 3), ("← 200 OK (UPDATE)", 1),
        ] {
            #expect(count(line) == expected, "\(line): \(lines)")
        }
    }
}
