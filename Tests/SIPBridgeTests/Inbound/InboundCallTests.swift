import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// A call of the network from its INVITE to its BYE, over real sockets (mapping §3).
@Suite("Calls of the network")
struct InboundCallTests {
    private static let answer = SDP.answer("device")

    @Test func aDeviceTakesTheCallAndTheCallerEndsIt() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let invitation = try await scene.invitation()
            let session = invitation.session
            #expect(session.direction == .inbound)
            #expect(session.status == .initial)
            #expect(session.sequenceNumber == 1)
            #expect(session.receiverAddress == "tel:+17085854000")
            #expect(session.device?.deviceID == "d0")
            #expect(session.offer?.text == SDP.answer("caller"))
            #expect(!invitation.offerRequired)
            #expect(scene.agent.session(session.id) == session)
            #expect(scene.agent.liveSessions(of: "app") == 1)
            let trying = try await call.response(100)
            #expect(trying.toTag == nil)

            #expect(try await scene.put(session.id, .inProgress, answer: Self.answer)?.status == .inProgress)
            let progress = try await call.response(183)
            #expect(progress.bodyText == Self.answer)
            #expect(progress["Require"] == nil)
            try await scene.put(session.id, .ringing)
            let ringing = try await call.response(180)
            #expect(ringing.bodyText == Self.answer, "an unreliable one is repeated (RFC 6337 §3.1.1)")
            #expect(ringing.toTag == progress.toTag)

            #expect(try await scene.put(session.id, .connected, answer: Self.answer)?.status == .connected)
            let answered = try await call.response(200)
            #expect(answered.bodyText == Self.answer, "an unreliable answer is none: the 200 has it")
            #expect(answered.toTag == progress.toTag)
            #expect(answered["Contact"] != nil)
            #expect(answered.tokens("Allow").contains("UPDATE"))
            try call.acknowledge()

            let bye = try call.send(.bye, headers: [.init("Reason", "Q.850;cause=16")])
            #expect(try await bye.final().status == 200)
            let end = try await scene.end(of: session.id)
            #expect(end.status == .terminated)
            #expect(end.reason == "SIP BYE; Q.850;cause=16")
            try await scene.expectNothingLeft()
        }
    }

    @Test func aDeviceEndsTheCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            scene.agent.end(id)
            let bye = try await call.acceptBye()
            #expect(bye["Reason"]?.hasPrefix("Q.850;cause=16") == true)
            #expect(bye.fromTag != nil)
            #expect(bye.toTag == call.invite.request.fromTag)
            let end = try await scene.end(of: id)
            #expect(end.status == .terminated)
            #expect(end.reason == "ended by the application")
            try await scene.expectNothingLeft()
        }
    }

    /// The rest of the row: what a PUT comes to, in SIP and in the session.
    struct No: Sendable, CustomTestStringConvertible {
        var status: SessionStatus
        var response: Int
        var end: SessionStatus?

        var testDescription: String { "\(status.rawValue) → \(response)" }
    }

    @Test(arguments: [
        No(status: .busy, response: 486), No(status: .declined, response: 603), No(status: .noAnswer, response: 480),
        No(status: .notReachable, response: 480), No(status: .failed, response: 488),
        No(status: .terminated, response: 603, end: .declined),
        No(status: .sessionCancelled, response: 603, end: .declined),
    ])
    func aDeviceRefuses(no: No) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, no.status)
            try await call.refusal(no.response)
            #expect(try await scene.end(of: id).status == no.end ?? no.status)
            try await scene.expectNothingLeft()
        }
    }

    @Test func aDeviceThatDeletesItsSessionDeclines() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .waiting)
            try await call.response(182)
            scene.agent.end(id)
            try await call.refusal(603)
            #expect(try await scene.end(of: id).status == .declined)
            try await scene.expectNothingLeft()
        }
    }

    @Test func itRingsNoLongerThanItMay() async throws {
        let scene = try InboundScene { $0.policy.ring = .milliseconds(20) }
        try await InboundScene.run(scene) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await call.refusal(480)
            #expect(try await scene.end(of: id).status == .noAnswer)
            try await scene.expectNothingLeft()
        }
    }

    @Test func itLastsNoLongerThanItMay() async throws {
        let scene = try InboundScene { $0.policy.maxDuration = .milliseconds(200) }
        try await InboundScene.run(scene) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            try await call.acceptBye()
            #expect(try await scene.end(of: id).reason == "maximum duration reached")
            try await scene.expectNothingLeft()
        }
    }

    @Test func theFirstDeviceToAnswerHasTheCall() async throws {
        try await InboundScene.run(InboundScene(devices: 3)) { scene in
            let call = scene.call()
            let ids = [
                try await scene.invitation().session.id, try await scene.invitation().session.id,
                try await scene.invitation().session.id,
            ]
            #expect(Set(ids).count == 3)
            #expect(scene.agent.liveSessions(of: "app") == 3)
            try await scene.put(ids[0], .ringing)
            try await call.response(180)
            try await scene.put(ids[1], .busy)
            try await scene.put(ids[2], .connected, answer: Self.answer)
            let answered = try await call.response(200)
            #expect(answered.bodyText == Self.answer)
            try call.acknowledge()
            let other = try await scene.end(of: ids[0])
            #expect(other.status == .sessionCancelled)
            #expect(other.reason == "answered elsewhere")
            #expect(try await scene.end(of: ids[1]).status == .busy)
            await #expect(throws: CAMARAError.self) { try await scene.put(ids[0], .ringing) }
            #expect(scene.agent.liveSessions(of: "app") == 1)

            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: ids[2]).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    @Test func anOfferlessCallTakesTheDevicesOffer() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(sdp: nil)
            let invitation = try await scene.invitation()
            #expect(invitation.offerRequired)
            #expect(invitation.session.offer == nil)
            try await scene.put(invitation.session.id, .connected, offer: SDP.offer("device"))
            let answered = try await call.response(200)
            #expect(answered.bodyText == SDP.offer("device"))
            try call.acknowledge(sdp: Self.answer)
            var session = try await scene.change(of: invitation.session.id)
            while session.answer == nil { session = try await scene.change(of: invitation.session.id) }
            #expect(session.answer?.text == Self.answer)
            #expect(session.status == .connected)
        }
    }

    @Test func anOfferWithoutAnAnswerEndsTheCall() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(sdp: nil)
            let id = try await scene.invitation().session.id
            try await scene.put(id, .connected, offer: SDP.offer("device"))
            try await call.response(200)
            try call.acknowledge()
            let bye = try await call.acceptBye()
            #expect(bye["Reason"]?.hasPrefix("Q.850;cause=88") == true)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    /// The media stay as they were agreed; the dialog's target moves (RFC 3261 §12.2.2).
    @Test func requestsInTheDialogAreAnswered() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            #expect(try await call.send(.options).final().status == 200)
            #expect(try await call.send("INFO").final().status == 200)
            #expect(try await call.send("REFER").final().status == 405)
            #expect(try await call.send(.update).final().status == 200)
            #expect(try await call.send(.bye).final().status == 200)
            _ = try await scene.end(of: id)
        }
    }
}
