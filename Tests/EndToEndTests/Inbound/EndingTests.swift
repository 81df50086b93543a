import Foundation
import TestPeer
import TestSink
import Testing

/// The gateway ends, as asked or by kill -9, with calls of the network alive (docs/operation.md).
@Suite(.sharing, .serialized) struct InboundEndingTests {
    private func run(
        _ configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (StoredScene, Callee) async throws -> Void
    ) async throws {
        try await StoredScene.run(configure: configure) { stored in
            let callee = try await Callee(Device(stored.scene, .r3))
            defer { callee.close() }
            try await body(stored, callee)
        }
    }

    @Test("kill -9: the next run ends an answered call with BYE and tells it, and one that rang")
    func killed() async throws {
        try await run { stored, callee in
            let answered = try await callee.connected()
            let ringing = try await callee.called()
            let counts = try await stored.scene.gateway.statistics()
            #expect(counts["inboundCalls"] == 2 && counts["liveCalls"] == 2, "\(counts)")
            try await ringing.put("Ringing")
            let ring = try await ringing.call.response(180)
            try await ringing.told("Ringing")
            let finished = try await callee.connected()
            #expect(try await finished.delete().status == 204)
            try await finished.call.acceptBye()
            try await finished.told("Terminated")
            try await stored.settles { $0["eventsPending"] == 0 && $0["storeUnwritten"] == 0 }

            let after = try await stored.restarted()
            let bye = try await answered.call.acceptBye(within: .seconds(10))
            #expect(bye.callID == answered.call.callID)
            // Our side of the dialog: the caller's From is To now.
            #expect(bye.toTag == answered.call.invite.request.fromTag, answered.ladder)
            #expect(bye["Reason"] == "Q.850;cause=41;text=\"Gateway restarted\"")
            #expect(ring.toTag != nil)
            // The UUID that was ours in the session; the caller had told none.
            #expect(bye.session == "\(bye.fromTag ?? "");remote=\(NamingPeer.none)", answered.ladder)
            #expect(ring.ownUUID == ring.toTag, ringing.ladder)
            var told: [String: String] = [:]
            for _ in 0..<2 {
                let event = try await callee.inbox.next("end of a call left")
                told[event.string("data.mediaSessionId") ?? ""] = event.string("data.status")
                #expect(event.string("data.reason") == "gateway restarted")
            }
            #expect(told == [answered.id: "Terminated", ringing.id: "Terminated"])
            let shown = try await callee.moved(to: after.scene).device.send("GET", answered.path)
            #expect(shown.outcome == "200 Terminated")

            // Answered, nothing of them is left; and the device can be called again.
            try await after.settles { $0["dialogs"] == 0 && $0["storeUnwritten"] == 0 }
            let again = try await callee.moved(to: after.scene).called()
            try await again.put("Busy")
            #expect(try await again.call.refused().status == 486)
            #expect(callee.inbox.unread.count <= 1, "\(callee.inbox.unread.map(\.summary))")
            try await after.end()
        }
    }

    @Test("While it drains a new call gets 503; one that rings can be answered; at the deadline all end")
    func drained() async throws {
        try await run({ $0.more = ["drain: {deadline: 120s}"] }) { stored, callee in
            let ringing = try await callee.called()
            try await ringing.put("Ringing")
            _ = try await ringing.call.response(180)
            try await ringing.told("Ringing")
            let waiting = try await callee.called()
            let gateway = stored.scene.gateway
            let line = gateway.nextLine { $0.contains("\"draining\"") }
            gateway.signal(SIGTERM)
            try #require(await line.next() != nil, "\(gateway.logTail)")

            let refused = callee.place()
            let response = try await refused.refused()
            #expect(response.status == 503, "\(refused.ladder)")
            #expect(response["Retry-After"].flatMap { Int($0) } ?? 0 > 0, "\(refused.ladder)")
            try await ringing.connect()
            try await ringing.call.answered()
            try await ringing.told("Connected")

            // The second signal is the deadline at once.
            gateway.signal(SIGTERM)
            let bye = try await ringing.call.acceptBye()
            #expect(bye["Reason"]?.hasPrefix("Q.850;cause=42") == true, ringing.ladder)
            #expect(try await waiting.call.refused().status == 503, waiting.ladder)
            try await ringing.told("Terminated")
            #expect(try await gateway.ended() == 0, "\(gateway.logTail)")
        }
    }

    @Test("A call nobody answers ends with the ring timer: 480 and NoAnswer")
    func rungOut() async throws {
        try await run({ $0.timers = "{t1: 500ms, t2: 4s, timerB: 32s, ring: 1s}" }) { stored, callee in
            let incoming = try await callee.called()
            try await incoming.put("Ringing")
            #expect(try await incoming.call.refused().status == 480, incoming.ladder)
            try await incoming.told("Ringing")
            try await incoming.told("NoAnswer")
            try await incoming.hasEnded("NoAnswer")
            try await stored.settles { $0["liveCalls"] == 0 && $0["timers"] == 0 }
            try await stored.end()
        }
    }

    /// RFC 3261 §13.3.1.4: without the ACK the dialog is ended with BYE. It is waited for as long as timer B, here.
    @Test func anAnswerNobodyAcknowledges() async throws {
        try await run({ $0.timers = "{t1: 20ms, t2: 80ms, timerB: 5s, ring: 180s}" }) { stored, callee in
            let incoming = try await callee.called()
            try await incoming.connect()
            _ = try await incoming.call.response(200)
            try await incoming.told("Connected")
            try await incoming.call.acceptBye()
            #expect(try await incoming.told("Terminated").string("data.reason") == "no ACK")
            // It was sent again meanwhile.
            #expect(incoming.call.invite.statuses.contains(200), incoming.ladder)
            try await stored.end()
        }
    }
}
