import TestPeer
import Testing

/// 401 and 407 of a trunk that the gateway has an account at (RFC 3261 §22, mapping §2).
@Suite(.gateway(.challenged)) struct DigestTests {
    /// Connects a call through one challenge.
    private func connect(
        _ attempt: Attempt, _ challenge: PeerChallenge, headers: [WireMessage.Header] = []
    ) async throws -> String {
        async let reply = attempt.post()
        try await attempt.call.invite().challenge(challenge)
        _ = try await attempt.call.request(.ack)
        let invite = try await attempt.call.invite()
        #expect(challenge.fault(in: invite.message, count: 1) == nil, attempt.ladder)
        invite.respond(200, sdp: SDP.answer(), headers: headers)
        let id = try await attempt.sessionID(of: reply)
        let ack = try await attempt.call.request(.ack)
        let name = challenge.isProxy ? "Proxy-Authorization" : "Authorization"
        #expect(ack.message[name] == invite.message[name], "RFC 3261 §22.1; \(attempt.ladder)")
        return id
    }

    @Test(
        "A challenge is answered on the same call, whose later requests carry credentials at once, and no other call's",
        arguments: [(0, false, "MD5"), (1, false, "SHA-256"), (2, true, "MD5"), (3, true, "SHA-256")])
    func answered(trunk: Int, isProxy: Bool, algorithm: String) async throws {
        let attempt = try scene().attempt("+88\(trunk)")
        let challenge = PeerChallenge(isProxy: isProxy, algorithm: algorithm, nonce: "n1")
        let name = isProxy ? "Proxy-Authorization" : "Authorization"
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        #expect(first.message[name] == nil)
        first.challenge(challenge)
        _ = try await attempt.call.request(.ack)
        let second = try await attempt.call.invite()
        #expect(second.message.callID == first.message.callID, attempt.ladder)
        #expect(second.message.fromTag == first.message.fromTag, attempt.ladder)
        #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1, attempt.ladder)
        #expect(second.message.body == first.message.body)
        #expect(challenge.fault(in: second.message, count: 1) == nil, attempt.ladder)
        second.respond(200, sdp: SDP.answer())
        let id = try await attempt.sessionID(of: reply)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.delete(id).status == 204)
        let bye = try await attempt.call.acceptBye()
        #expect(challenge.fault(in: bye, count: 2) == nil, attempt.ladder)

        let next = try scene().attempt("+88\(trunk)")
        async let refused = next.post()
        let invite = try await next.call.invite()
        #expect(invite.message[name] == nil, "who is called may be the one that asks; \(next.ladder)")
        invite.respond(486)
        #expect(try await refused.status == 422, next.ladder)
    }

    @Test(
        "Whoever is called and asks in another realm gets nothing, and the operator is told",
        arguments: [(401, "+878", "auth11"), (407, "+879", "auth10")])
    func anotherRealm(status: Int, number: String, trunk: String) async throws {
        let attempt = try scene().attempt(number)
        let alarm = try scene().gateway.nextLine { $0.contains("asks for credentials") && $0.contains(trunk) }
        async let reply = attempt.post()
        try await attempt.call.invite().challenge(
            PeerChallenge(isProxy: status == 407, nonce: "n1", realm: "who \"are\" you"))
        #expect(try await reply.outcome == "502 BAD_GATEWAY", attempt.ladder)
        #expect(await alarm.next()?.contains("auth.realm") ?? false)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.invite), attempt.ladder)
    }

    @Test("A wrong password is sent once, and the operator is told")
    func wrongPassword() async throws {
        let attempt = try scene().attempt("+884")
        let alarm = try scene().gateway.nextLine { $0.contains("trunk needs attention") && $0.contains("auth4") }
        async let reply = attempt.post()
        try await attempt.call.invite().challenge(PeerChallenge(nonce: "n1"))
        try await attempt.call.invite().challenge(PeerChallenge(nonce: "n2"))
        #expect(try await reply.outcome == "502 BAD_GATEWAY", attempt.ladder)
        #expect(await alarm.next()?.contains("credentials") ?? false)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.invite), attempt.ladder)
        #expect(try !scene().gateway.logTail.contains(PeerChallenge.password))
    }

    @Test("A stale nonce is renewed in the dialog")
    func stale() async throws {
        let attempt = try scene().attempt("+885")
        let id = try await connect(attempt, PeerChallenge(nonce: "n1"))
        #expect(try await attempt.delete(id).status == 204)
        let bye = try await attempt.call.request(.bye)
        #expect(PeerChallenge(nonce: "n1").fault(in: bye.message, count: 2) == nil, attempt.ladder)
        let renewed = PeerChallenge(nonce: "n2", isStale: true)
        bye.challenge(renewed)
        let again = try await attempt.call.acceptBye()
        #expect(renewed.fault(in: again, count: 1) == nil, attempt.ladder)
        #expect(again.cseq?.number == (bye.message.cseq?.number ?? 0) + 1, attempt.ladder)
        try await attempt.reaches("Terminated", id)
    }

    @Test("A re-INVITE is challenged by a proxy")
    func reinvite() async throws {
        let attempt = try scene().attempt("+886")
        let id = try await connect(attempt, PeerChallenge(nonce: "n1"))
        async let held = attempt.put(id, ["status": "Hold"])
        let challenge = PeerChallenge(isProxy: true, nonce: "p1")
        try await attempt.call.request(.invite) { $0.toTag != nil }.challenge(challenge)
        _ = try await attempt.call.request(.ack)
        let again = try await attempt.call.request(.invite) { $0.toTag != nil }
        #expect(challenge.fault(in: again.message, count: 1) == nil, attempt.ladder)
        #expect(PeerChallenge(nonce: "n1").fault(in: again.message, count: 3) == nil, attempt.ladder)
        again.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message["Proxy-Authorization"] == again.message["Proxy-Authorization"], attempt.ladder)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.acceptBye()
    }

    @Test("A PRACK is challenged, and an UPDATE in the early dialog")
    func prack() async throws {
        let attempt = try scene().attempt("+887")
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(183, sdp: SDP.answer(), reliable: 1)
        let challenge = PeerChallenge(nonce: "n1")
        let prack = try await attempt.call.request(.prack)
        prack.challenge(challenge)
        let again = try await attempt.call.request(.prack)
        #expect(challenge.fault(in: again.message, count: 1) == nil, attempt.ladder)
        #expect(again.message["RAck"] == prack.message["RAck"], attempt.ladder)
        again.respond(200)
        let id = try await attempt.sessionID(of: reply)
        let offer = SDP.offer("new")
        #expect(try await attempt.put(id, ["offer": ["sdp": .string(offer)]]).status == 204, attempt.ladder)
        let proxys = PeerChallenge(isProxy: true, nonce: "u1")
        let update = try await attempt.call.request(.update)
        #expect(challenge.fault(in: update.message, count: 2) == nil, attempt.ladder)
        update.challenge(proxys)
        let updateAgain = try await attempt.call.request(.update)
        #expect(proxys.fault(in: updateAgain.message, count: 1) == nil, attempt.ladder)
        #expect(challenge.fault(in: updateAgain.message, count: 3) == nil, attempt.ladder)
        #expect(updateAgain.message.bodyText == update.message.bodyText, attempt.ladder)
        updateAgain.respond(200, sdp: SDP.answer("new"))
        invite.respond(200)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.acceptBye()
    }

    @Test("The next nonce that a 200 names is used")
    func nextnonce() async throws {
        let attempt = try scene().attempt("+888")
        let info = WireMessage.Header("Authentication-Info", "nextnonce=\"n7\", qop=auth")
        let id = try await connect(attempt, PeerChallenge(nonce: "n1"), headers: [info])
        #expect(try await attempt.delete(id).status == 204)
        let bye = try await attempt.call.acceptBye()
        #expect(PeerChallenge(nonce: "n7").fault(in: bye, count: 1) == nil, attempt.ladder)
    }

    @Test("A CANCEL carries the credentials of its INVITE")
    func cancel() async throws {
        let attempt = try scene().attempt("+889")
        async let reply = attempt.post()
        try await attempt.call.invite().challenge(PeerChallenge(nonce: "n1"))
        let invite = try await attempt.call.invite()
        invite.respond(180)
        let id = try await attempt.sessionID(of: reply)
        #expect(try await attempt.delete(id).status == 204)
        let cancel = try await attempt.call.acceptCancel(of: invite)
        #expect(cancel["Authorization"] == invite.message["Authorization"], attempt.ladder)
    }

    /// RFC 7989 §6, §8: who has asked has told its UUID.
    @Test("What is sent again because of a challenge names the session as all the rest does")
    func session() async throws {
        let attempt = try scene().attempt("+877")
        func challenge(_ request: PeerRequest, _ nonce: String, _ uuid: String) {
            let challenge = PeerChallenge(nonce: nonce)
            request.respond(challenge.status, headers: [challenge.header, .init("Session-ID", "\(uuid);remote=x")])
        }
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        let ours = first.message.ownUUID
        challenge(first, "n1", NamingPeer.uuid)
        let second = try await attempt.call.invite()
        #expect(second.message.session == "\(ours);remote=\(NamingPeer.uuid)", attempt.ladder)
        second.respond(183, tag: "a", sdp: SDP.answer(), reliable: 1)
        let prack = try await attempt.call.request(.prack)
        #expect(prack.message.session == "\(ours);remote=\(NamingPeer.uuid)", attempt.ladder)
        challenge(prack, "n2", NamingPeer.other)
        let again = try await attempt.call.request(.prack)
        #expect(PeerChallenge(nonce: "n2").fault(in: again.message, count: 1) == nil, attempt.ladder)
        #expect(again.message.session == "\(ours);remote=\(NamingPeer.other)", attempt.ladder)
        again.respond(200)
        let id = try await attempt.sessionID(of: reply)
        #expect(try await attempt.delete(id).status == 204)
        let cancel = try await attempt.call.acceptCancel(of: second, tag: "a")
        #expect(cancel.session == second.message.session, "its own INVITE's; \(attempt.ladder)")
        #expect(cancel["Authorization"] == second.message["Authorization"], attempt.ladder)
    }
}
