import TestPeer
import Testing

/// Messages that cross in calls that the gateway made: it is the caller of RFC 5407 (docs/races.md).
@Suite(.gateway(.standard)) struct CallerRaceTests {
    private func reinvite(_ attempt: Attempt) async throws -> PeerRequest {
        try await attempt.call.request(.invite) { $0.toTag != nil }
    }

    private func status(_ attempt: Attempt, _ id: String) async throws -> String? {
        try await attempt.read(id).json["status"]?.string
    }

    // MARK: - Around the answer

    @Test("A re-INVITE that overtakes the 200 is 491, and the call is answered all the same (RFC 5407 §3.1.4)")
    func reinviteOvertakesTheAnswer() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        let crossing = try attempt.call.send(.invite, sdp: SDP.answer())
        #expect(try await crossing.final().status == 491, attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        #expect(try await status(attempt, id) == "Connected", attempt.ladder)
        let again = try await attempt.call.send(.invite, sdp: SDP.answer()).final()
        #expect(again.status == 200, attempt.ladder)
    }

    @Test("A BYE right behind the 200 ends the call, however the ACK fares (RFC 5407 §3.1.6)")
    func byeBehindTheAnswer() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(200, sdp: SDP.answer())
        let bye = try attempt.call.send(.bye)
        let id = try attempt.sessionID(of: await reply)
        #expect(try await bye.final().status == 200, attempt.ladder)
        _ = try await attempt.call.request(.ack)
        try await attempt.reaches("Terminated", id)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
    }

    @Test("A BYE that overtakes the 200 ends the call once that is here")
    func byeOvertakesTheAnswer() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string == "SIP BYE", attempt.ladder)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
    }

    @Test("So does one that overtakes every 18x too")
    func byeOvertakesEverything() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        let response = try await reply
        let session = try await attempt.reaches("Terminated", attempt.sessionID(of: response))
        #expect(session["reason"]?.string == "SIP BYE", attempt.ladder)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
    }

    @Test("18x after the 2xx changes nothing", arguments: [180, 183])
    func lateProvisional(late: Int) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        invite.respond(late, sdp: SDP.answer("late"))
        invite.respond(late, tag: "other", sdp: SDP.answer("late"))
        try await attempt.fence()
        let session = try await attempt.read(id).json
        #expect(session["status"]?.string == "Connected", attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("The 200 again: acknowledged again, in the call and after its end")
    func answerRepeated() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let answer = invite.respond(200, sdp: SDP.answer())
        let id = try attempt.sessionID(of: await reply)
        _ = try await attempt.call.request(.ack)
        invite.send(answer)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        try await attempt.reaches("Terminated", id)
        invite.send(answer)
        _ = try await attempt.call.request(.ack)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, "no second BYE; \(attempt.ladder)")
    }

    @Test("A fork that answers late is acknowledged and ended, and the call stays", arguments: [false, true])
    func lateFork(isAfterTheEnd: Bool) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        if isAfterTheEnd {
            #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
            try await attempt.reaches("Terminated", id)
        }
        invite.respond(200, tag: "late", sdp: SDP.answer("late"))
        _ = try await attempt.call.request(.ack) { $0.toTag == "late" }
        let bye = try await attempt.call.request(.bye) { $0.toTag == "late" }
        bye.respond(200)
        #expect(try await status(attempt, id) == (isAfterTheEnd ? "Terminated" : "Connected"), attempt.ladder)
    }

    // MARK: - In mid-call

    @Test("re-INVITE crossing an UPDATE: 491 to theirs, and ours counts (RFC 5407 §3.3.2)")
    func updateCrossesReinvite() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let request = try await reinvite(attempt)
        let theirs = try attempt.call.send(.update, sdp: SDP.answer())
        #expect(try await theirs.final().status == 491, attempt.ladder)
        // Without an offer there is nothing that could cross.
        #expect(try await attempt.call.send(.update).final().status == 200, attempt.ladder)
        request.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
    }

    @Test("UPDATEs that cross in an early dialog: 491 both ways, ours again after its wait")
    func updatesCross() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(183, sdp: SDP.answer(), reliable: 1)
        let id = try attempt.sessionID(of: await reply)
        try await attempt.call.request(.prack).respond(200)
        let offer = SDP.offer("new")
        #expect(try await attempt.put(id, ["offer": ["sdp": .string(offer)]]).status == 204, attempt.ladder)
        let ours = try await attempt.call.request(.update)
        #expect(try await attempt.call.send(.update, sdp: SDP.answer("x")).final().status == 491, attempt.ladder)
        ours.respond(491)
        let again = try await attempt.call.request(.update)
        #expect(again.message.bodyText == ours.message.bodyText, attempt.ladder)
        #expect(again.message.bodyText == offer.replacing(" 2 IN", with: " 3 IN"), "another version; \(attempt.ladder)")
        again.respond(200, sdp: SDP.answer("new"))
        try await attempt.fence()
        #expect(try await attempt.read(id).json["answer"]?["sdp"]?.string == SDP.answer("new"), attempt.ladder)
        invite.respond(200)
        try await attempt.reaches("Connected", id)
    }

    @Test("A request's CSeq may leave a gap; one that comes again gets its first answer, and acts once")
    func sequence() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let held = SDP.answer().replacing("a=sendrecv", with: "a=sendonly").replacing(" 1 IN", with: " 2 IN")
        let update = try attempt.call.send(.update, sdp: held, cseq: 100)
        #expect(try await update.final().status == 200, attempt.ladder)
        let told = try await attempt.read(id).json["sequenceNumber"]?.int
        try attempt.call.repeatRequest(update)
        #expect(try await update.final().status == 200, "the same answer again; \(attempt.ladder)")
        #expect(try await attempt.read(id).json["sequenceNumber"]?.int == told, attempt.ladder)
        let old = try await attempt.call.send(.update, sdp: SDP.answer(), cseq: 99).final()
        #expect(old.status == 500, "RFC 3261 §12.2.2; \(attempt.ladder)")
        #expect(try await status(attempt, id) == "Hold", attempt.ladder)
    }

    // MARK: - At the end

    @Test(
        "While our BYE is on its way: re-INVITE and UPDATE 481 (RFC 5407 §3.2.2), REFER refused (§3.3.3), BYE 200 (§3.2.1)"
    )
    func requestsCrossOurBye() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        let bye = try await attempt.call.request(.bye)
        for method in [SIPMethod.invite, .update] {
            #expect(try await attempt.call.send(method, sdp: SDP.answer()).final().status == 481, attempt.ladder)
        }
        #expect(try await attempt.call.send(.update).final().status == 481, attempt.ladder)
        let refer = WireMessage.Header("Refer-To", "<sip:bob@example.com>")
        #expect(try await attempt.call.send("REFER", headers: [refer]).final().status == 405, attempt.ladder)
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        bye.respond(200)
        try await attempt.reaches("Terminated", id)
    }

    @Test("The 200 to our re-INVITE that our BYE has overtaken is acknowledged (RFC 5407 §3.2.3)")
    func answerCrossesOurBye() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let request = try await reinvite(attempt)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        #expect(try await held.status == 409, attempt.ladder)
        let bye = try await attempt.call.request(.bye)
        request.respond(200, sdp: SDP.answer())
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message.cseq?.number == request.message.cseq?.number, attempt.ladder)
        bye.respond(200)
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
    }

    @Test("A BYE of the network that crosses our re-INVITE: its 200 afterwards is acknowledged, and changes nothing")
    func byeCrossesReinvite() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let request = try await reinvite(attempt)
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        #expect(try await held.status == 409, attempt.ladder)
        try await attempt.reaches("Terminated", id)
        request.respond(481)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
    }
}

/// A network that is gone in mid-call: Timers B and F are short in this suite's gateway.
@Suite(.gateway(.fleeting)) struct VanishedPeerTests {
    @Test("Nobody answers our re-INVITE: the call ends, and is told to have")
    func vanished() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.put(id, ["status": "Hold"]).status == 409, attempt.ladder)
        let session = try await attempt.reaches("Terminated", id, within: .seconds(30))
        #expect(session["reason"]?.string == "session timeout", attempt.ladder)
    }

    @Test("It knows the dialog no more: 481 ends the call")
    func forgotten() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        try await attempt.call.request(.invite) { $0.toTag != nil }.respond(481)
        #expect(try await held.status == 409, attempt.ladder)
        try await attempt.call.acceptBye()
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string == "session timeout", attempt.ladder)
    }

    @Test("The ACK of its own re-INVITE never comes: BYE, and the call is over (RFC 3261 §13.3.1.4)")
    func neverAcknowledges() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.call.send(.invite, sdp: SDP.answer()).final().status == 200, attempt.ladder)
        try await attempt.call.acceptBye(within: .seconds(30))
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string == "session timeout", attempt.ladder)
    }
}

extension ScenePlan {
    /// Transactions that run out soon.
    fileprivate static let fleeting = standard.with { configuration in
        configuration.timers = "{t1: 50ms, t2: 200ms, timerB: 5s, ring: 60s}"
    }
}
