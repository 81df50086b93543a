import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// Calls of the network when the gateway ends, or was killed.
@Suite("The gateway's end and the network's calls")
struct InboundEndTests {
    private static let answer = SDP.answer("device")

    // MARK: - Draining

    @Test func stoppingRefusesWhatRings() async throws {
        let scene = try InboundScene()
        let call = scene.call()
        let id = try await scene.invitation().session.id
        try await scene.put(id, .ringing)
        try await call.response(180)
        await scene.agent.stop(deadline: Patience.standard)
        let refused = try await call.response(503)
        #expect(refused["Retry-After"] != nil)
        let end = try await scene.end(of: id)
        #expect(end.status == .sessionCancelled)
        #expect(end.reason == "gateway shutting down")
        #expect(scene.store.rows.isEmpty)
    }

    @Test func stoppingEndsWhatIsAnswered() async throws {
        let scene = try InboundScene()
        let call = scene.call()
        let id = try await scene.connected(call)
        async let stopped: Void = scene.agent.stop(deadline: Patience.standard)
        let bye = try await call.acceptBye()
        #expect(bye["Reason"]?.hasPrefix("Q.850;cause=42") == true)
        await stopped
        #expect(try await scene.end(of: id).reason == "gateway shutting down")
        #expect(scene.store.rows.isEmpty)
    }

    /// Neither ACK nor an answer to the BYE: the session ends all the same, once.
    @Test func whatIsNotConfirmedInTimeIsToldAsEnded() async throws {
        let scene = try InboundScene()
        let call = scene.call()
        let id = try await scene.invitation().session.id
        try await scene.put(id, .connected, answer: Self.answer)
        try await call.response(200)
        await scene.agent.stop(deadline: .zero)
        #expect(try await scene.end(of: id).status == .terminated)
        #expect(!scene.told.values.contains { $0.session.status.isFinal })
        #expect(scene.store.rows.isEmpty)
    }

    // MARK: - Killed

    @Test func aCallIsKeptOnceForEachChange() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call()
            let id = try await scene.invitation().session.id
            try await scene.put(id, .ringing)
            #expect(scene.store.rows[id]?.session.status == .ringing)
            #expect(scene.store.rows[id]?.dialog == nil, "an early dialog cannot be ended by a callee")
            try await scene.put(id, .connected, answer: Self.answer)
            try await call.response(200)
            #expect(scene.store.writes == 3)
            let kept = try #require(scene.store.rows[id])
            #expect(kept.session.direction == .inbound)
            #expect(kept.session.status == .connected)
            let dialog = try #require(kept.dialog)
            #expect(dialog.callID == call.callID)
            #expect(dialog.target == "<sip:peer@\(scene.peer.address)>")
            #expect(dialog.remoteCSeq == 1)
        }
    }

    @Test func theNextRunEndsAnAnsweredCall() async throws {
        let killed = try InboundScene()
        let call = killed.call(headers: [.init("Record-Route", "<sip:\(killed.peer.address);lr>")])
        let id = try await killed.connected(call)
        let left = killed.store.takeLeftCalls()
        #expect(left.count == 1)

        // Not stopped: a killed process says nothing more. The next one takes the store over.
        let store = RecordedCalls()
        for row in left { store.keep(row) }
        try await InboundScene.run(InboundScene(keeping: store)) { next in
            await next.agent.tellLeftCalls(left)
            let end = try await next.end(of: id)
            #expect(end.status == .terminated)
            #expect(end.reason == "gateway restarted")
            #expect(end.direction == .inbound)
            await next.agent.endLeftCalls(left)
            let bye = try await call.request(.bye)
            #expect(bye.message["Reason"]?.contains("cause=41") == true)
            #expect(bye.message.toTag == call.invite.request.fromTag)
            #expect(bye.message.fromTag == left.first?.dialog?.local.split(separator: "=").last.map(String.init))
            #expect(bye.message["Route"]?.contains("\(killed.peer.address)") == true)
            bye.respond(200)
            try await next.expectNothingLeft()
        }
        await killed.agent.stop(deadline: .zero)
    }

    @Test func theNextRunTellsTheEndOfACallThatRang() async throws {
        let killed = try InboundScene()
        let call = killed.call()
        let id = try await killed.invitation().session.id
        try await killed.put(id, .ringing)
        try await call.response(180)
        let left = killed.store.takeLeftCalls()

        let store = RecordedCalls()
        for row in left { store.keep(row) }
        try await InboundScene.run(InboundScene(keeping: store)) { next in
            await next.agent.tellLeftCalls(left)
            #expect(try await next.end(of: id).sequenceNumber == 3)
            await next.agent.endLeftCalls(left)
            try await next.expectNothingLeft()
        }
        await killed.agent.stop(deadline: .zero)
    }
}
