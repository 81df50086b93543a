import TestPeer
import Testing

/// Provisional responses (mapping §1 and the first rows of §2).
@Suite(.gateway(.standard)) struct ProvisionalTests {
    @Test("100 alone: the POST is answered 201 Initial after waitForProgress")
    func tryingAlone() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let start = ContinuousClock.now
        invite.respond(100)
        let response = try await reply
        #expect(ContinuousClock.now - start > .milliseconds(200), "waitForProgress is 250 ms; \(attempt.ladder)")
        #expect(response.outcome == "201 Initial", attempt.ladder)
        #expect(response.json["answer"] == nil)
        // What comes later is told by GET.
        let id = try attempt.sessionID(of: response)
        invite.respond(180)
        try await attempt.reaches("Ringing", id)
    }

    @Test(
        "18x answers the POST at once with its status, and its SDP as the answer",
        arguments: [(180, "Ringing"), (181, "Proceeding"), (182, "Waiting"), (183, "InProgress")], [false, true])
    func progress(row: (code: Int, status: String), withSDP: Bool) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(row.code, sdp: withSDP ? SDP.answer("early") : nil)
        let response = try await reply
        #expect(response.outcome == "201 \(row.status)", attempt.ladder)
        #expect(response.json["answer"]?["sdp"]?.string == (withSDP ? SDP.answer("early") : nil), attempt.ladder)
        if row.code == 181 {
            let session = try await attempt.read(try attempt.sessionID(of: response))
            #expect(session.json["reason"]?.string == "forwarded", attempt.ladder)
        }
    }

    @Test("The status follows the newest provisional response that is later or carries SDP")
    func statusFollows() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring(181)
        for (code, status) in [(183, "InProgress"), (182, "Waiting"), (180, "Ringing")] {
            invite.respond(code)
            try await attempt.reaches(status, id)
        }
        // An earlier one without SDP takes nothing back.
        for code in [181, 182, 183] { invite.respond(code) }
        try await attempt.fence()
        #expect(try await attempt.read(id).json["status"]?.string == "Ringing", attempt.ladder)
        invite.respond(183, sdp: SDP.answer("early"))
        try await attempt.reaches("InProgress", id)
        invite.respond(200, sdp: SDP.answer())
        let session = try await attempt.reaches("Connected", id)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
    }

    @Test("Every reliable response is acknowledged with PRACK, once and in order")
    func reliable() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let cseq = try #require(invite.message.cseq?.number)
        let progress = invite.respond(183, tag: "a", sdp: SDP.answer("early"), reliable: 900)
        let first = try await attempt.call.request(.prack)
        #expect(first.message["RAck"] == "900 \(cseq) INVITE", attempt.ladder)
        #expect(first.message.toTag == "a")
        #expect(first.message.requestURI == "sip:peer@\(try scene().peer.address)")
        #expect(first.message.cseq?.number == cseq + 1)
        first.respond(200)
        #expect(try await reply.outcome == "201 InProgress", attempt.ladder)

        invite.send(progress)
        invite.respond(180, tag: "a", reliable: 901)
        let second = try await attempt.call.request(.prack)
        #expect(
            second.message["RAck"] == "901 \(cseq) INVITE",
            "a repeated response is not acknowledged again; \(attempt.ladder)")
        second.respond(200)
        // One that skips a number is not acknowledged (RFC 3262 §4).
        invite.respond(180, tag: "a", reliable: 903)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.prack), attempt.ladder)

        invite.respond(200, tag: "a")
        _ = try await attempt.call.request(.ack)
        let id = try attempt.sessionID(of: try await reply)
        let session = try await attempt.reaches("Connected", id)
        // The 200 carried none: the answer that came reliably stands (RFC 6337 §3.1.1).
        #expect(session["answer"]?["sdp"]?.string == SDP.answer("early"), attempt.ladder)
    }

    @Test("199 ends its early dialog and nothing else")
    func earlyDialogEnded() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(183, tag: "a", sdp: SDP.answer("a"))
        let id = try attempt.sessionID(of: try await reply)
        invite.respond(199, tag: "a", headers: [.init("Reason", "SIP;cause=486")])
        try await attempt.fence()
        #expect(try await attempt.read(id).json["status"]?.string == "InProgress", attempt.ladder)
        invite.respond(180, tag: "b", sdp: SDP.answer("b"))
        let ringing = try await attempt.reaches("Ringing", id)
        #expect(ringing["answer"]?["sdp"]?.string == SDP.answer("b"), attempt.ladder)
        invite.respond(200, tag: "b", sdp: SDP.answer("b"))
        try await attempt.reaches("Connected", id)
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message.toTag == "b")
    }

    @Test("199 alone does not answer the POST")
    func onlyAnEndedDialog() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(199, tag: "a")
        invite.respond(486, tag: "b")
        #expect(try await reply.outcome == "422 SERVICE_NOT_APPLICABLE", attempt.ladder)
    }
}
