import TestPeer
import Testing

/// What happens when nobody speaks: every timer is short in this suite's gateway.
@Suite(.gateway(.impatient)) struct TimerTests {
    @Test("No response at all: 504, and the INVITE is given up")
    func silence() async throws {
        let attempt = try scene().attempt()
        let response = try await attempt.post()
        #expect(response.outcome == "504 TIMEOUT", attempt.ladder)
        let invite = try await attempt.call.invite()
        // A phone that wakes up now finds that nobody waits.
        invite.respond(180)
        try await attempt.call.acceptCancel(of: invite)
        _ = try await attempt.call.request(.ack)
    }

    @Test("An answer that comes after the call was given up is acknowledged and ended")
    func lateAnswer() async throws {
        let attempt = try scene().attempt()
        let response = try await attempt.post()
        #expect(response.outcome == "504 TIMEOUT", attempt.ladder)
        try await attempt.call.invite().respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        try await attempt.call.acceptBye()
    }

    @Test("A silent trunk makes way for the next one")
    func silentTrunk() async throws {
        let attempt = try scene().attempt("+44")
        async let reply = attempt.post()
        let second = try await attempt.secondCall.invite()
        second.respond(200, sdp: SDP.answer("second"))
        let response = try await reply
        #expect(response.outcome == "201 Connected", attempt.ladder)
        let id = try attempt.sessionID(of: response)
        _ = try await attempt.secondCall.request(.ack)
        // The first one wakes up and answers: nobody is there, and the call that is up stays.
        try await attempt.call.invite().respond(200, sdp: SDP.answer("first"))
        _ = try await attempt.call.request(.ack)
        try await attempt.call.acceptBye()
        let session = try await attempt.read(id)
        #expect(session.json["answer"]?["sdp"]?.string == SDP.answer("second"), attempt.ladder)
    }

    @Test("A call that rings too long is cancelled: NoAnswer, whatever the 487 says")
    func rings() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        let cancel = try await attempt.call.acceptCancel(of: invite)
        #expect(cancel["Reason"] != nil, attempt.ladder)
        let session = try await attempt.reaches("NoAnswer", id)
        #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
    }

    @Test("So is one that only ever said 100")
    func tries() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring(100)
        try await attempt.call.acceptCancel(of: invite)
        try await attempt.reaches("NoAnswer", id)
    }

    @Test("An answer that crosses the ring timer's CANCEL is acknowledged and ended")
    func answerCrossesRingTimer() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        let cancel = try await attempt.call.request(.cancel)
        invite.respond(200, sdp: SDP.answer())
        cancel.respond(200)
        _ = try await attempt.call.request(.ack)
        try await attempt.call.acceptBye()
        try await attempt.reaches("NoAnswer", id)
    }

    @Test("A call is ended at maxDuration")
    func maxDuration() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let bye = try await attempt.call.acceptBye()
        #expect(bye["Reason"] != nil, attempt.ladder)
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
    }

    @Test("A session without an offer fails when none comes")
    func offerTimeout() async throws {
        let attempt = try scene().attempt()
        let id = try attempt.sessionID(of: try await attempt.post(["offer": nil]))
        let session = try await attempt.reaches("Failed", id)
        #expect(session["reason"]?.string == "no offer", attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("A BYE nobody answers ends the session all the same")
    func unansweredBye() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.reaches("Terminated", id, within: .seconds(30))
    }

    @Test("A session that has ended is kept for keepEnded, then it is gone")
    func keptThenGone() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        invite.respond(486)
        try await attempt.reaches("Busy", id)
        try await attempt.reaches("404 NOT_FOUND", id)
        #expect(try await attempt.read(id).outcome == "404 NOT_FOUND", attempt.ladder)
    }
}
