import CallCore
import TestPeer
import Testing

@testable import SIPBridge

/// Messages that cross in calls of the network: the gateway is the callee of RFC 5407 (docs/races.md). Those before the
/// answer are in ``InboundRaceTests``.
@Suite("Races in a call of the network") struct CalledRaceTests {
    private func answered(
        sdp: String? = SDP.answer("caller"), _ body: (InboundScene, PeerCaller, SessionID) async throws -> Void
    ) async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let call = scene.call(sdp: sdp)
            let id = try await scene.invitation().session.id
            if sdp == nil {
                try await scene.put(id, .connected, offer: SDP.answer("device"))
            } else {
                try await scene.put(id, .connected, answer: SDP.answer("device"))
            }
            try await call.response(200)
            try await body(scene, call, id)
        }
    }

    private func connected(_ body: (InboundScene, PeerCaller, SessionID) async throws -> Void) async throws {
        try await answered { scene, call, id in
            try call.acknowledge()
            try await scene.peer.fence(scene.gateway)
            try await body(scene, call, id)
        }
    }

    // MARK: - Before the ACK (RFC 5407 §3.1)

    /// §3.1.1
    @Test func theInviteAgainGetsThe200AgainAndNoSecondCall() async throws {
        try await answered { scene, call, _ in
            call.repeatInvite()
            try await call.response(200)
            try call.acknowledge()
            #expect(await scene.agent.liveCalls == 1)
            #expect(!scene.told.values.contains { $0.isInvitation })
        }
    }

    /// §3.1.4
    @Test func aReinviteThatOvertakesTheACKIsAnswered() async throws {
        try await answered { scene, call, id in
            let hold = SDP.answer("caller").replacing("a=sendrecv", with: "a=sendonly")
            let response = try await call.send(.invite, sdp: hold).final()
            #expect(response.status == 200)
            try call.acknowledge()
            _ = try call.send(.ack, cseq: response.cseq?.number)
            try await scene.peer.fence(scene.gateway)
            #expect(scene.agent.session(id)?.status == .hold)
            // Both exchanges are over: ours may go out.
            async let put = scene.put(id, .hold)
            try await call.request(.invite).respond(200, sdp: hold.replacing("sendonly", with: "inactive"))
            #expect(try await put?.status == .hold)
        }
    }

    /// §3.1.5
    @Test func aReinviteThatOvertakesTheACKWithTheAnswerIsRefused() async throws {
        try await answered(sdp: nil) { scene, call, id in
            #expect(try await call.send(.invite, sdp: SDP.answer("x")).final().status == 491)
            try call.acknowledge(sdp: SDP.answer("caller"))
            let told = await scene.told.next { $0.session.answer?.text == SDP.answer("caller") }
            #expect(told?.session.status == .connected)
            #expect(scene.agent.session(id)?.offer?.text == SDP.answer("device"))
        }
    }

    /// §3.2.4
    @Test func anACKBehindTheByeChangesNothing() async throws {
        try await answered { scene, call, id in
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await scene.end(of: id).status == .terminated)
            try call.acknowledge()
            try await scene.expectNothingLeft()
        }
    }

    @Test func aChangeOfOursWaitsForTheACK() async throws {
        try await answered { scene, call, id in
            async let put = scene.put(id, .hold)
            try await scene.peer.fence(scene.gateway)
            #expect(!scene.peer.strays.values.contains { $0.message.method == .invite })
            try call.acknowledge()
            try await call.request(.invite).respond(200, sdp: SDP.answer("caller"))
            #expect(try await put?.status == .hold)
        }
    }

    // MARK: - In mid-call (§3.3)

    /// §3.3.1 and §3.3.2: we do not own the Call-ID, so we wait at most two seconds.
    @Test(arguments: [SIPMethod.invite, .update])
    func offersThatCrossAreBothRefusedAndOursIsSentAgain(method: SIPMethod) async throws {
        let clock = ConnectedCall.Clock()
        let scene = try InboundScene { $0.clock = { clock.now } }
        try await InboundScene.run(scene) { scene in
            let call = scene.call()
            let id = try await scene.connected(call)
            async let put = scene.put(id, .hold)
            let first = try await call.request(.invite)
            #expect(try await call.send(method, sdp: SDP.answer("caller")).final().status == 491)
            first.respond(491)
            _ = try await call.request(.ack)
            try await scene.peer.fence(scene.gateway)
            clock.move(on: .seconds(2))
            try await call.request(.invite).respond(200, sdp: SDP.answer("caller"))
            #expect(try await put?.status == .hold)
        }
    }

    @Test func aRequestThatComesAgainActsOnce() async throws {
        try await connected { scene, call, id in
            let hold = SDP.answer("caller").replacing("a=sendrecv", with: "a=sendonly")
            let update = try call.send(.update, sdp: hold, cseq: 40)
            #expect(try await update.final().status == 200)
            let told = scene.agent.session(id)?.sequenceNumber
            scene.peer.send(datagram: update.request.bytes, to: scene.gateway)
            #expect(try await update.final().status == 200)
            #expect(scene.agent.session(id)?.sequenceNumber == told)
            #expect(try await call.send(.update, sdp: SDP.answer("caller"), cseq: 39).final().status == 500)
            #expect(scene.agent.session(id)?.status == .hold)
        }
    }

    // MARK: - At the end (§3.2)

    /// §3.2.1, §3.2.2 and §3.3.3
    @Test func requestsThatCrossOurBye() async throws {
        try await connected { scene, call, id in
            scene.agent.end(id)
            let bye = try await call.request(.bye)
            for method in [SIPMethod.invite, .update] {
                #expect(try await call.send(method, sdp: SDP.answer("caller")).final().status == 481)
            }
            let refer = WireMessage.Header("Refer-To", "<sip:bob@example.com>")
            #expect(try await call.send("REFER", headers: [refer]).final().status == 405)
            #expect(try await call.send(.bye).final().status == 200)
            bye.respond(481)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.expectNothingLeft()
        }
    }

    /// §3.2.3
    @Test func the200ThatOurByeHasOvertakenIsAcknowledged() async throws {
        try await connected { scene, call, id in
            let put = Task { try await scene.put(id, .hold) }
            let request = try await call.request(.invite)
            scene.agent.end(id)
            await #expect(throws: CAMARAError.self) { try await put.value }
            let bye = try await call.request(.bye)
            request.respond(200, sdp: SDP.answer("caller"))
            let ack = try await call.request(.ack)
            #expect(ack.message.cseq?.number == request.message.cseq?.number)
            bye.respond(200)
            #expect(try await scene.end(of: id).status == .terminated)
        }
    }

    @Test func aByeThatCrossesOurReinviteAnswersThePut() async throws {
        try await connected { scene, call, id in
            let put = Task { try await scene.put(id, .hold) }
            _ = try await call.request(.invite)
            #expect(try await call.send(.bye).final().status == 200)
            await #expect(throws: CAMARAError.self) { try await put.value }
            #expect(try await scene.end(of: id).status == .terminated)
        }
    }

    @Test func aReinviteThatWaitsForTheDeviceEndsWithTheCall() async throws {
        try await connected { scene, call, id in
            let request = try call.send(.invite, sdp: SDP.answer("other"))
            _ = await scene.told.next { $0.session.offer?.text == SDP.answer("other") }
            #expect(try await call.send(.bye).final().status == 200)
            #expect(try await request.final().status == 487)
            #expect(try await scene.end(of: id).status == .terminated)
        }
    }

    @Test(arguments: [408, 481])
    func aPeerThatIsGoneEndsTheCall(status: Int) async throws {
        try await connected { scene, call, id in
            let put = Task { try await scene.put(id, .hold) }
            try await call.request(.invite).respond(status)
            await #expect(throws: CAMARAError.self) { try await put.value }
            try await call.acceptBye()
            #expect(try await scene.end(of: id).reason == "session timeout")
        }
    }
}
