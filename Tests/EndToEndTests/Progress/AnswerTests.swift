import TestPeer
import Testing

/// 2xx responses and forked calls (mapping §2, §3 "Outbound forking").
@Suite(.gateway(.standard)) struct AnswerTests {
    @Test("2xx answers the POST 201 Connected, with its SDP, and is acknowledged", arguments: [200, 202, 299])
    func answered(code: Int) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let route = "<sip:127.0.0.1:\(try scene().peer.port);lr>"
        invite.respond(code, tag: "a", sdp: SDP.answer(), headers: [.init("Record-Route", route)])
        let response = try await reply
        #expect(response.outcome == "201 Connected", attempt.ladder)
        #expect(response.json["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
        let ack = try await attempt.call.request(.ack).message
        #expect(ack.toTag == "a")
        #expect(ack.fromTag == invite.message.fromTag)
        #expect(ack.cseq?.number == invite.message.cseq?.number)
        #expect(ack.requestURI == "sip:peer@\(try scene().peer.address)", attempt.ladder)
        #expect(ack["Route"] == route, "RFC 3261 §12.1.2; \(attempt.ladder)")
        #expect(ack.branch != invite.message.branch, "RFC 3261 §17: a transaction of its own")
        #expect(ack.body.isEmpty)
    }

    /// An ACK that is never sent leaves a callee that talks to nobody.
    @Test(
        "Where the callee's Contact cannot be reached from here, its requests go by the trunk",
        arguments: [
            "sip:peer@phone.nowhere.example", "sip:peer@127.0.0.1:9;transport=tls", "sip:peer@127.0.0.1:9;transport=ws",
            "sips:peer@127.0.0.1:9", "sip:peer@[::1]:9", "sip:peer@127.0.0.1:9;maddr=phone.nowhere.example",
            "sip:peer@127.0.0.1:9;transport=no-such-transport", "sip:peer@127.0.0.1:9;transport=udp;transport=tls",
            "sip:peer@127.0.0.1:9;maddr=127.0.0.1;maddr=phone.nowhere.example", "sip:peer@127.0.0.1:70000",
        ])
    func unreachableContact(uri: String) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(200, sdp: SDP.answer(), headers: [.init("Contact", "<\(uri)>")])
        let response = try await reply
        #expect(response.outcome == "201 Connected", attempt.ladder)
        let ack = try await attempt.call.request(.ack).message
        #expect(ack.requestURI == uri, attempt.ladder)
        #expect(try await attempt.delete(attempt.sessionID(of: response)).status == 204)
        try await attempt.call.acceptBye()
    }

    @Test("Every repetition of the 200 gets its ACK")
    func repeatedAnswer() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let answer = invite.respond(200, sdp: SDP.answer())
        #expect(try await reply.outcome == "201 Connected", attempt.ladder)
        let first = try await attempt.call.request(.ack).message
        for _ in 1...5 {
            invite.send(answer)
            let again = try await attempt.call.request(.ack).message
            #expect(again["CSeq"] == first["CSeq"])
            #expect(again["To"] == first["To"])
        }
    }

    @Test("Fork A sends a reliable 183, fork B answers: Connected with B, A is left alone", arguments: [false, true])
    func forkedAnswer(bothReliable: Bool) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(183, tag: "a", sdp: SDP.answer("a"), reliable: 10)
        let toA = try await attempt.call.request(.prack)
        #expect(toA.message.toTag == "a")
        toA.respond(200)
        let response = try await reply
        #expect(response.json["answer"]?["sdp"]?.string == SDP.answer("a"), attempt.ladder)
        let id = try attempt.sessionID(of: response)
        if bothReliable {
            invite.respond(183, tag: "b", sdp: SDP.answer("b"), reliable: 20)
            let toB = try await attempt.call.request(.prack)
            #expect(toB.message.toTag == "b", attempt.ladder)
            #expect(toB.message["RAck"]?.hasPrefix("20 ") ?? false, attempt.ladder)
            toB.respond(200)
        }
        invite.respond(200, tag: "b", sdp: SDP.answer("b"))
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message.toTag == "b", attempt.ladder)
        let session = try await attempt.reaches("Connected", id)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer("b"), attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, "nothing more goes to A, and B stays up; \(attempt.ladder)")
        // The call that is up is B's.
        _ = try await attempt.delete(id)
        #expect(try await attempt.call.acceptBye().toTag == "b", attempt.ladder)
        try await attempt.reaches("Terminated", id)
    }

    @Test("A second fork that answers as well is acknowledged and ended")
    func secondAnswer() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(180, tag: "a")
        invite.respond(180, tag: "b")
        invite.respond(200, tag: "a", sdp: SDP.answer("a"))
        let id = try attempt.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack) { $0.toTag == "a" }
        let late = invite.respond(200, tag: "b", sdp: SDP.answer("b"))
        _ = try await attempt.call.request(.ack) { $0.toTag == "b" }
        let bye = try await attempt.call.request(.bye)
        #expect(bye.message.toTag == "b", attempt.ladder)
        #expect(bye.message["Reason"] != nil, attempt.ladder)
        // Its 200 once more: another ACK, no other BYE.
        invite.send(late)
        _ = try await attempt.call.request(.ack) { $0.toTag == "b" }
        bye.respond(200)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
        let session = try await attempt.read(id).json
        #expect(session["status"]?.string == "Connected", attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer("a"), attempt.ladder)
    }

    @Test("A call over TCP is answered and ended")
    func overTCP() async throws {
        let attempt = try scene().attempt("+32")
        let (invite, id) = try await attempt.connect()
        #expect(invite.message["Via"]?.hasPrefix("SIP/2.0/TCP ") ?? false, attempt.ladder)
        #expect(invite.message.contactURI?.contains("transport=tcp") ?? false, attempt.ladder)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.acceptBye()
        try await attempt.reaches("Terminated", id)
    }

    @Test("An offer over 1,300 bytes stays on the transport the trunk names")
    func longOffer() async throws {
        let attempt = try scene().attempt()
        let offer =
            SDP.offer() + (0..<400).map { "a=candidate:\($0) 1 udp 2122262783 203.0.113.9 42988 typ host\r\n" }.joined()
        async let reply = attempt.post(["offer": ["sdp": .string(offer)]])
        let invite = try await attempt.call.invite()
        #expect(invite.message["Via"]?.hasPrefix("SIP/2.0/UDP ") ?? false, attempt.ladder)
        #expect(invite.message.bodyText == offer)
        invite.respond(200, sdp: SDP.answer())
        #expect(try await reply.outcome == "201 Connected", attempt.ladder)
    }
}
