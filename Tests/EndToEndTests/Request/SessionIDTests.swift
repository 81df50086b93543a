import TestPeer
import Testing

/// Every message of a call names the session (RFC 7989 §6): calls of applications.
@Suite(.gateway(.standard)) struct SessionIDTests {
    private func header(_ uuid: String, _ ours: String) -> [WireMessage.Header] {
        [.init("Session-ID", "\(uuid);remote=\(ours)")]
    }

    private func reinvite(_ attempt: Attempt) async throws -> PeerRequest {
        try await attempt.call.request(.invite) { $0.toTag != nil }
    }

    @Test("PRACK, ACK, re-INVITEs, BYE and the responses name it", arguments: NamingPeer.all + [.olderCallee])
    func throughout(peer: NamingPeer) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let ours = invite.message.ownUUID
        #expect(invite.message.session == "\(ours);remote=\(NamingPeer.none)", attempt.ladder)
        let headers = peer.header(ours)
        let expected = peer.leadsTo(ours)
        invite.respond(183, sdp: SDP.answer(), reliable: 1, headers: headers)
        let prack = try await attempt.call.request(.prack)
        #expect(prack.message.session == expected, attempt.ladder)
        prack.respond(200, headers: headers)
        invite.respond(200, headers: headers)
        let id = try await attempt.sessionID(of: reply)
        #expect(try await attempt.call.request(.ack).message.session == expected, attempt.ladder)

        async let held = attempt.put(id, ["status": "Hold"])
        try await reinvite(attempt).respond(491, headers: headers)
        _ = try await attempt.call.request(.ack)
        let again = try await reinvite(attempt)
        #expect(again.message.session == expected, attempt.ladder)
        again.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"), headers: headers)
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
        #expect(try await attempt.call.request(.ack).message.session == expected, attempt.ladder)

        for (method, sdp, status) in [
            ("UPDATE", SDP.answer(), 200), ("UPDATE", nil, 200), ("INFO", nil, 200), ("REFER", nil, 405),
            ("UPDATE", "no description", 400), ("INVITE", SDP.answer(), 200),
        ] as [(SIPMethod, String?, Int)] {
            let response = try await attempt.call.send(method, sdp: sdp, headers: headers).final()
            #expect(response.status == status, attempt.ladder)
            #expect(response.session == expected, "\(method); \(attempt.ladder)")
            if method == .invite { _ = try attempt.call.send(.ack, headers: headers, cseq: response.cseq?.number) }
        }

        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        let bye = try await attempt.call.acceptBye()
        #expect(bye.session == expected, attempt.ladder)
        #expect(bye["Reason"] != nil, attempt.ladder)
        try await attempt.reaches("Terminated", id)
    }

    @Test("A BYE of the peer is answered with its UUID, and one that overtakes its 200", arguments: [false, true])
    func byeOfThePeer(isEarly: Bool) async throws {
        let attempt = try scene().attempt()
        if isEarly {
            async let reply = attempt.post()
            let invite = try await attempt.call.invite()
            let ours = invite.message.ownUUID
            let response = try await attempt.call.send(.bye, headers: header(NamingPeer.other, ours)).final()
            #expect(response.session == "\(ours);remote=\(NamingPeer.other)", attempt.ladder)
            invite.respond(487)
            _ = try await reply
        } else {
            let (invite, _) = try await attempt.connect()
            let ours = invite.message.ownUUID
            let response = try await attempt.call.send(.bye, headers: header(NamingPeer.other, ours)).final()
            #expect(response.status == 200, attempt.ladder)
            #expect(response.session == "\(ours);remote=\(NamingPeer.other)", attempt.ladder)
        }
    }

    /// RFC 7989 §8.
    @Test("The peer's newest UUID counts; one of a refused request is in its response alone")
    func changes() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        let ours = invite.message.ownUUID
        let new = (1...6).map { String(repeating: "\($0)", count: 32) }
        func names(_ number: Int) -> String { "\(ours);remote=\(number < 0 ? NamingPeer.none : new[number])" }

        let refused = try await attempt.call.send("REFER", headers: header(new[0], ours)).final()
        #expect(refused.status == 405 && refused.session == names(0), attempt.ladder)
        async let held = attempt.put(id, ["status": "Hold"])
        let hold = try await reinvite(attempt)
        #expect(hold.message.session == names(-1), attempt.ladder)
        hold.respond(200, sdp: SDP.answer(), headers: header(new[1], ours))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
        #expect(try await attempt.call.request(.ack).message.session == names(1), attempt.ladder)

        let update = try await attempt.call.send(.update, headers: header(new[2], ours)).final()
        #expect(update.status == 200 && update.session == names(2), attempt.ladder)
        let silent = try await attempt.call.send("INFO").final()
        #expect(silent.session == names(2), attempt.ladder)

        let theirs = try await attempt.call.send(.invite, sdp: SDP.answer(), headers: header(new[3], ours)).final()
        #expect(theirs.session == names(3), attempt.ladder)
        _ = try attempt.call.send(.ack, headers: header(new[4], ours), cseq: theirs.cseq?.number)
        try await attempt.fence()

        async let resumed = attempt.put(id, ["status": "Resume"])
        let resume = try await reinvite(attempt)
        #expect(resume.message.session == names(4), "the ACK's; \(attempt.ladder)")
        resume.respond(488, headers: header(new[5], ours))
        #expect(try await resumed.status == 409, attempt.ladder)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        #expect(try await attempt.call.acceptBye().session == names(5), attempt.ladder)
    }

    /// RFC 7989 §6 and §8: identical to the INVITE's, whatever has been told since.
    @Test("CANCEL repeats the INVITE's", arguments: NamingPeer.all + [.olderCallee])
    func cancel(peer: NamingPeer) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(180, headers: peer.header(invite.message.ownUUID))
        let id = try await attempt.sessionID(of: reply)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        let cancel = try await attempt.call.acceptCancel(of: invite)
        #expect(cancel.session == invite.message.session, attempt.ladder)
        #expect(cancel["Reason"] != nil, attempt.ladder)
        try await attempt.reaches("SessionCancelled", id)
    }

    /// RFC 7989 §6.
    @Test("Each fork is told its own UUID")
    func forks() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let ours = invite.message.ownUUID
        for (tag, uuid) in [("a", NamingPeer.uuid), ("b", NamingPeer.other)] {
            invite.respond(183, tag: tag, sdp: SDP.answer(tag), reliable: 1, headers: header(uuid, ours))
        }
        for _ in 0..<2 {
            let prack = try await attempt.call.request(.prack)
            let uuid = prack.message.toTag == "a" ? NamingPeer.uuid : NamingPeer.other
            #expect(prack.message.session == "\(ours);remote=\(uuid)", attempt.ladder)
            prack.respond(200)
        }
        invite.respond(200, tag: "a")
        let id = try await attempt.sessionID(of: reply)
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message.session == "\(ours);remote=\(NamingPeer.uuid)", attempt.ladder)
        // The other one answers as well, and tells that it has another UUID now.
        let late = String(repeating: "9", count: 32)
        invite.respond(200, tag: "b", headers: header(late, ours))
        #expect(try await attempt.call.request(.ack).message.session == "\(ours);remote=\(late)", attempt.ladder)
        let bye = try await attempt.call.acceptBye()
        #expect(bye.toTag == "b" && bye.session == "\(ours);remote=\(late)", attempt.ladder)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        #expect(try await attempt.call.acceptBye().session == "\(ours);remote=\(NamingPeer.uuid)", attempt.ladder)
    }

    /// RFC 7989 §6: a new peer is not told the one before; who has asked for the INVITE once more is.
    @Test("Ours stays from trunk to trunk, and the other peer's is not told there")
    func failover() async throws {
        let attempt = try scene().attempt("+44")
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        let ours = first.message.ownUUID
        first.respond(503, headers: header(NamingPeer.uuid, ours))
        let second = try await attempt.secondCall.invite()
        #expect(second.message.session == "\(ours);remote=\(NamingPeer.none)", attempt.ladder)
        #expect(second.message.callID != first.message.callID, attempt.ladder)
        second.respond(200, sdp: SDP.answer(), headers: header(NamingPeer.other, ours))
        _ = try await attempt.sessionID(of: reply)
        let ack = try await attempt.secondCall.request(.ack)
        #expect(ack.message.session == "\(ours);remote=\(NamingPeer.other)", attempt.ladder)
    }
}
