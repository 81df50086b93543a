import TestPeer
import Testing

/// Kamailio sends the INVITE to two phones at once.
@Suite(.serialized, .gateway(.proxied)) struct ProxyForkTests {
    private static let forked = "+1777"

    /// Both phones ring.
    private func ring() async throws -> (attempt: Attempt, first: PeerRequest, second: PeerRequest, id: String) {
        let attempt = try scene().attempt(ProxyForkTests.forked)
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        let second = try await attempt.secondCall.invite()
        #expect(first.message.callID == second.message.callID, attempt.ladder)
        first.respond(180, tag: "first")
        second.respond(180, tag: "second")
        let response = try await reply
        #expect(response.outcome == "201 Ringing", attempt.ladder)
        return (attempt, first, second, try attempt.sessionID(of: response))
    }

    @Test("Both ring, one answers: the proxy cancels the other, and the call is the one that answered")
    func answered() async throws {
        try await withProxy { proxy in
            let (attempt, _, second, id) = try await ring()
            second.respond(200, tag: "second", sdp: SDP.answer("second"))
            let ack = try await attempt.secondCall.request(.ack)
            #expect(ack.came(through: proxy) && ack.message.toTag == "second", attempt.ladder)
            let cancel = try await attempt.call.request(.cancel)
            cancel.respond(200, tag: "first")
            let session = try await attempt.reaches("Connected", id)
            #expect(session["answer"]?["sdp"]?.string == SDP.answer("second"), attempt.ladder)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            let bye = try await attempt.secondCall.acceptBye()
            #expect(bye.toTag == "second", attempt.ladder)
            try await attempt.reaches("Terminated", id)
            #expect(
                !attempt.call.unread.contains(.bye), "the phone that did not answer has no dialog; \(attempt.ladder)")
        }
    }

    @Test("Both answer: the first has the call, the other gets ACK and BYE")
    func bothAnswer() async throws {
        try await withProxy { proxy in
            let (attempt, first, second, id) = try await ring()
            first.respond(200, tag: "first", sdp: SDP.answer("first"))
            _ = try await attempt.call.request(.ack)
            // It crosses the proxy's CANCEL.
            second.respond(200, tag: "second", sdp: SDP.answer("second"))
            #expect(try await attempt.secondCall.request(.ack).came(through: proxy), attempt.ladder)
            let bye = try await attempt.secondCall.request(.bye)
            #expect(bye.came(through: proxy) && bye.message.toTag == "second", attempt.ladder)
            bye.respond(200)
            let session = try await attempt.reaches("Connected", id)
            #expect(session["answer"]?["sdp"]?.string == SDP.answer("first"), attempt.ladder)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            #expect(try await attempt.call.acceptBye().toTag == "first", attempt.ladder)
            try await attempt.reaches("Terminated", id)
        }
    }

    @Test(
        "One is busy, the call goes on ringing; the application gives up: the other is cancelled, Busy is what is left")
    func refusedAndCancelled() async throws {
        try await withProxy { _ in
            let (attempt, first, second, id) = try await ring()
            first.respond(486, tag: "first")
            _ = try await attempt.call.request(.ack)
            #expect(try await attempt.read(id).outcome == "200 Ringing", attempt.ladder)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.secondCall.acceptCancel(of: second, tag: "second")
            // The best of the proxy's responses is the 486, not the 487 (RFC 3261 §16.7).
            let session = try await attempt.reaches("Busy", id)
            #expect(session["reason"]?.string?.contains("486") == true, attempt.ladder)
        }
    }

    @Test("Both refuse: the proxy's choice is the outcome")
    func bothRefuse() async throws {
        try await withProxy { _ in
            let (attempt, first, second, id) = try await ring()
            first.respond(480, tag: "first")
            second.respond(603, tag: "second")
            // RFC 3261 §16.7: a 6xx goes before all others.
            let session = try await attempt.reaches("Declined", id)
            #expect(session["reason"]?.string?.contains("603") == true, attempt.ladder)
        }
    }
}
