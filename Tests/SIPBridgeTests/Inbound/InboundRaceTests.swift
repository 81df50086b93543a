import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// What crosses, comes twice, or does not come at all.
@Suite("Races of the network's calls")
struct InboundRaceTests {
    private static let answer = SDP.answer("device")

    // MARK: - CANCEL

    @Test(arguments: [
        (nil, "SIP CANCEL"), ("SIP;cause=200;text=\"Call completed elsewhere\"", "answered elsewhere"),
        ("Q.850;cause=16, SIP;cause=200", "answered elsewhere"), ("SIP;cause=600", "SIP CANCEL; SIP;cause=600"),
    ])
    func theCallerGivesUp(reason: String?, told: String) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            try await call.response(180)
            let cancel = call.cancel(headers: reason.map { [.init("Reason", $0)] } ?? [])
            #expect(try await cancel.final().status == 200)
            try await call.refusal(487)
            let end = try await scene.end(of: id)
            #expect(end.status == .sessionCancelled)
            #expect(end.reason == told)
            try await scene.expectNothingLeft()
        }
    }

    @Test func aRepeatedCancelChangesNothing() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            #expect(try await call.cancel().final().status == 200)
            try await call.response(487)
            #expect(try await call.cancel().final().status == 200)
            try await call.refusal(487)
            #expect(try await scene.end(of: id).status == .sessionCancelled)
            try await scene.expectNothingLeft()
            #expect(scene.told.values.isEmpty, "the end is told once")
        }
    }

    /// RFC 3261 §9.2: a CANCEL after the final response has no effect on the call.
    @Test func aCancelThatCrossesTheAnswerChangesNothing() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, answer: Self.answer)
            try await call.response(200)
            #expect(try await call.cancel().final().status == 481)
            try call.acknowledge()
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    // MARK: - BYE

    /// RFC 3261 §15.1.2: a caller may end an early dialog with BYE.
    @Test func anEarlyByeEndsTheCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            try await call.response(180)
            #expect(try await call.send(.bye).final().status == 200)
            try await call.refusal(487)
            let end = try await scene.end(of: id)
            #expect(end.status == .sessionCancelled)
            #expect(end.reason == "SIP BYE")
            try await scene.expectNothingLeft()
        }
    }

    @Test func aByeBeforeTheACKEndsTheCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, answer: Self.answer)
            try await call.response(200)
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try call.acknowledge()
            try await scene.peer.fence(scene.gateway)
            try await scene.expectNothingLeft()
        }
    }

    /// RFC 3261 §15: our BYE waits for the ACK.
    @Test func ourByeWaitsForTheACK() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, answer: Self.answer)
            try await call.response(200)
            #expect(try await scene.put(id, .terminated) == nil)
            try await scene.peer.fence(scene.gateway)
            #expect(!scene.peer.strays.values.contains { $0.message.method == .bye })
            try call.acknowledge()
            try await call.acceptBye()
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    @Test func bothSidesHangUp() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            scene.agent.end(id)
            let ours = try await call.request(.bye)
            #expect(try await call.send(.bye).final().status == 200)
            ours.respond(481)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
            #expect(!scene.told.values.contains { $0.session.status.isFinal }, "the end is told once")
        }
    }

    // MARK: - Nothing comes

    private func quick(_ options: inout SIPOptions) {
        options.t1 = .milliseconds(10)
        options.timerB = .milliseconds(640)
    }

    /// RFC 3261 §13.3.1.4: the 200 is repeated for 64·T1, then the dialog is ended.
    @Test func withoutAnACKTheCallIsEnded() async throws {
        try await InboundScene.run(InboundScene(adjust: quick)) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, answer: Self.answer)
            try await call.response(200)
            try await call.response(200)
            try await call.acceptBye()
            let end = try await scene.end(of: id)
            #expect(end.status == .terminated)
            #expect(end.reason == "no ACK")
            try await scene.expectNothingLeft()
        }
    }

    /// RFC 3262 §3: a reliable response without its PRACK ends in a refusal.
    @Test func withoutAPRACKTheCallIsRefused() async throws {
        try await InboundScene.run(InboundScene(adjust: quick)) { scene in
            let call = scene.call(supported: "100rel")
            let id = try await scene.invitation().session.id
            try await scene.put(id, .inProgress, answer: Self.answer)
            try await call.response(183)
            try await call.response(183)
            try await call.response(504)
            // Until it is acknowledged, it is repeated.
            try await call.refusal(504)
            let end = try await scene.end(of: id)
            #expect(end.status == .failed)
            #expect(end.reason == "no PRACK")
            try await scene.expectNothingLeft()
        }
    }

    /// A BYE that nobody answers ends the session all the same.
    @Test func withoutAnAnswerToItsByeTheCallEnds() async throws {
        try await InboundScene.run(InboundScene(adjust: quick)) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            scene.agent.end(id)
            _ = try await call.request(.bye)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    /// A 200 that no datagram holds, because the caller's own headers come back in it: one final status, and the caller gets
    /// a final response.
    @Test func anAnswerThatCannotBeSentEndsTheCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let routes = String(repeating: "<sip:192.0.2.1;lr;x=\(String(repeating: "y", count: 60))>, ", count: 60)
            let call = scene.call(headers: [.init("Record-Route", routes + "<sip:\(scene.peer.address);lr>")])
            let id = try await scene.invitation().session.id
            let attribute = "a=x:" + String(repeating: "z", count: 1_000) + "\r\n"
            try await scene.put(id, .connected, answer: Self.answer + String(repeating: attribute, count: 60))
            try await call.refusal(500)
            let end = try await scene.end(of: id)
            #expect(end.status == .failed)
            #expect(end.reason == "transport failure")
            try await scene.expectNothingLeft()
            #expect(!scene.told.values.contains { $0.session.status.isFinal }, "the end is told once")
        }
    }

    @Test func anAnswerTooLongForTheWayIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            _ = scene.call()
            let id = try await scene.invitation().session.id
            let attribute = "a=x:" + String(repeating: "z", count: 1_000) + "\r\n"
            let error = await #expect(throws: CAMARAError.self) {
                try await scene.put(
                    id, .connected, answer: Self.answer + String(repeating: attribute, count: 62))
            }
            #expect(error?.status == 400)
            #expect(scene.agent.session(id)?.status == .initial)
        }
    }

    // MARK: - INVITE again

    @Test func aRepeatedInviteGetsTheSameResponse() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await call.response(100)
            call.repeatInvite()
            try await call.response(100)
            try await scene.put(id, .ringing)
            let first = try await call.response(180)
            call.repeatInvite()
            let second = try await call.response(180)
            #expect(first.toTag == second.toTag)
            #expect(await scene.agent.liveCalls == 1)
            #expect(!scene.told.values.contains { $0.isInvitation })
        }
    }

    /// RFC 3261 §8.2.2.2: the same request by another way is refused, and the first goes on.
    @Test func aMergedInviteIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            let request = call.invite.request
            let merged = scene.call(headers: [
                .init("Call-ID", request.callID), .init("From", request["From"] ?? ""),
            ])
            try await merged.refusal(482)
            try await scene.put(id, .ringing)
            try await call.response(180)
            #expect(await scene.agent.liveCalls == 1)
        }
    }

    /// RFC 3261 §14.2: another INVITE in the dialog while the first is open.
    @Test func anInviteInAnOpenOneIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            try await call.response(180)
            let second = try await call.send(.invite, sdp: SDP.answer("caller")).final()
            #expect(second.status == 500)
            #expect(second["Retry-After"].flatMap { Int($0) }.map { (0...10).contains($0) } == true)
            #expect(scene.agent.session(id)?.status == .ringing)
        }
    }
}
