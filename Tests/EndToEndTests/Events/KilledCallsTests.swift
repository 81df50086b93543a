import Foundation
import TestPeer
import TestSink
import Testing

/// kill -9 with calls alive: the next run ends them towards the network and tells their ends (docs/operation.md).
@Suite(.sharing, .serialized) struct KilledCallsTests {
    /// 200, or `KILLED_CALLS`, a multiple of 20.
    private static let count = ProcessInfo.processInfo.environment["KILLED_CALLS"].flatMap { Int($0) } ?? 200

    private struct Live: Sendable {
        var attempt: Attempt
        var invite: WireMessage
        var id: String
    }

    private func withCalls(_ body: (StoredScene, RegisteredDevice, EventInbox) async throws -> Void) async throws {
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        try await StoredScene.run { stored in
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register()
            _ = try await device.subscribe(to: inbox.url, Device.Wish())
            try await body(stored, RegisteredDevice(device, registration: registration), inbox)
        }
    }

    /// That `bye` belongs to the dialog that `invite` began.
    private func check(_ bye: WireMessage, ends live: Live) {
        #expect(bye.callID == live.invite.callID)
        #expect(bye["From"] == live.invite["From"])
        #expect(bye.toTag == "peer-\(live.attempt.number.filter(\.isNumber))", live.attempt.ladder)
        #expect((bye.cseq?.number ?? 0) > (live.invite.cseq?.number ?? .max), live.attempt.ladder)
        #expect(bye["Reason"] == "Q.850;cause=41;text=\"Gateway restarted\"")
        #expect(bye.session == live.invite.session, "RFC 7989 §6; \(live.attempt.ladder)")
    }

    @Test("After the restart every answered call has a BYE within 10 s and a Terminated event; none comes twice")
    func allAreEnded() async throws {
        try await withCalls { stored, device, inbox in
            var calls: [Live] = []
            for _ in 0..<(Self.count / 20) {
                calls += try await withThrowingTaskGroup(of: Live.self) { group in
                    for _ in 0..<20 { group.addTask { try await connect(device) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            try await stored.settles { $0["eventsPending"] == 0 && $0["storeUnwritten"] == 0 }
            for _ in calls { _ = try await inbox.status("Connected") }

            let after = try await stored.restarted()
            let end = ContinuousClock.now + .seconds(10)
            for live in calls {
                let bye = try await live.attempt.call.acceptBye(within: max(.zero, end - .now))
                check(bye, ends: live)
            }
            var told: Set<String> = []
            for _ in calls {
                let event = try await inbox.status("Terminated")
                #expect(event.int("data.sequenceNumber") == 2)
                #expect(event.string("data.reason") == "gateway restarted")
                told.insert(try #require(event.string("data.mediaSessionId")))
            }
            #expect(told == Set(calls.map(\.id)))
            let shown = try await device.device.moved(to: after.scene).send(
                "GET", "\(device.release.sessions)/\(calls[0].id)")
            #expect(shown.status == 200)
            #expect(shown.json["status"]?.string == "Terminated")

            // Answered, they are forgotten.
            try await after.settles { $0["dialogs"] == 0 && $0["storeUnwritten"] == 0 }
            let again = try await after.restarted()
            #expect(!again.scene.gateway.logTail.contains("calls left"))
            try await again.end()
        }
    }

    private func connect(_ device: RegisteredDevice) async throws -> Live {
        let attempt = device.scene.attempt()
        async let reply = device.call(attempt.number)
        let invite = try await attempt.call.invite()
        invite.respond(200, sdp: SDP.answer())
        let id = try device.device.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack)
        return Live(attempt: attempt, invite: invite.message, id: id)
    }

    @Test("A call that rings is ended by a BYE in its early dialog; one that has ended is not touched; routes are kept")
    func earlyDialogsAndRoutes() async throws {
        try await withCalls { stored, device, inbox in
            let (ringing, invite, early) = try await device.ring()
            _ = try await inbox.status("Ringing")

            let routed = stored.scene.attempt()
            async let reply = device.call(routed.number)
            let second = try await routed.call.invite()
            let proxy = "<sip:127.0.0.1:\(stored.scene.peer.port);lr;via=1>"
            let outer = "<sip:192.0.2.7;lr>"
            second.respond(
                200, sdp: SDP.answer(), headers: [.init("Record-Route", outer), .init("Record-Route", proxy)])
            let id = try device.device.sessionID(of: try await reply)
            _ = try await routed.call.request(.ack)
            _ = try await inbox.status("Connected")

            let (ended, finished) = try await device.connect()
            _ = try await inbox.status("Connected")
            _ = try await device.send("DELETE", "\(device.release.sessions)/\(finished)")
            try await ended.call.acceptBye()
            _ = try await inbox.status("Terminated")
            try await stored.settles { $0["eventsPending"] == 0 && $0["storeUnwritten"] == 0 }

            let after = try await stored.restarted()
            check(try await ringing.call.acceptBye(), ends: Live(attempt: ringing, invite: invite.message, id: early))
            let bye = try await routed.call.acceptBye()
            check(bye, ends: Live(attempt: routed, invite: second.message, id: id))
            // Reversed, as a caller takes it (RFC 3261 §12.1.2).
            #expect(bye.all("Route").joined(separator: ", ").contains("via=1>"), routed.ladder)
            #expect(bye.all("Route").joined(separator: ", ").hasSuffix(outer), routed.ladder)
            var told: Set<String> = []
            for _ in 0..<2 {
                told.insert(try #require(try await inbox.status("Terminated").string("data.mediaSessionId")))
            }
            #expect(told == [early, id])
            try await after.settles { $0["dialogs"] == 0 }
            #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
            try await after.end()
        }
    }
}
