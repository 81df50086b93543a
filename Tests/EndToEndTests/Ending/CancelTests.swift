import TestPeer
import Testing

/// Calls their originator ends before they are answered (mapping §3).
@Suite(.gateway(.standard)) struct CancelTests {
    /// The ways an application ends a call.
    enum Means: String, CaseIterable {
        case delete = "DELETE"
        case terminated = "Terminated"
        case cancelled = "SessionCancelled"
    }

    private func end(_ attempt: Attempt, _ id: String, by means: Means) async throws {
        if means == .delete {
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        } else {
            let response = try await attempt.put(id, ["status": .string(means.rawValue)])
            #expect([200, 204].contains(response.status), attempt.ladder)
        }
    }

    @Test("A ringing call is cancelled, and 487 ends the session", arguments: Means.allCases, [100, 180, 183])
    func cancelled(means: Means, provisional: Int) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring(provisional)
        try await end(attempt, id, by: means)
        let cancel = try await attempt.call.acceptCancel(of: invite)
        #expect(cancel.branch == invite.message.branch, "RFC 3261 §9.1; \(attempt.ladder)")
        #expect(cancel.requestURI == invite.message.requestURI)
        #expect(cancel["CSeq"] == "\(invite.message.cseq?.number ?? 0) CANCEL")
        #expect(cancel.toTag == nil)
        #expect(cancel["Reason"] != nil, "ims-headers: Reason on every CANCEL; \(attempt.ladder)")
        _ = try await attempt.call.request(.ack)
        let session = try await attempt.reaches("SessionCancelled", id)
        #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
    }

    @Test("200 crossing the CANCEL: ACK, BYE, SessionCancelled")
    func crossing() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring(tag: "a")
        #expect(try await attempt.delete(id).status == 204)
        let cancel = try await attempt.call.request(.cancel)
        invite.respond(200, tag: "a", sdp: SDP.answer())
        cancel.respond(200, tag: "a")
        _ = try await attempt.call.request(.ack)
        let bye = try await attempt.call.acceptBye()
        #expect(bye.toTag == "a")
        #expect(bye["Reason"] != nil, attempt.ladder)
        let session = try await attempt.reaches("SessionCancelled", id)
        #expect(session["answer"] == nil, "a call that is being cancelled gets no answer; \(attempt.ladder)")
    }

    @Test(
        "No other trunk is tried after a CANCEL; what the network had decided before it stands",
        arguments: [(487, "SessionCancelled"), (503, "Failed"), (408, "NoAnswer"), (486, "Busy")])
    func noFailover(code: Int, status: String) async throws {
        let attempt = try scene().attempt("+44")
        let (invite, id) = try await attempt.ring(100)
        _ = try await attempt.delete(id)
        try await attempt.call.request(.cancel).respond(200)
        invite.respond(code)
        try await attempt.reaches(status, id)
        try await scene().second.fence(scene().gateway.sip)
        #expect(attempt.secondCall.unread.isEmpty, attempt.ladder)
    }

    @Test("A second DELETE changes nothing")
    func twice() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        #expect(try await attempt.delete(id).status == 204)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.acceptCancel(of: invite)
        try await attempt.reaches("SessionCancelled", id)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.cancel), attempt.ladder)
    }

    @Test(
        "A status that does not fit a call being set up is refused and changes nothing",
        arguments: [
            ("Initial", "400 INVALID_ARGUMENT"), ("Nonsense", "400 INVALID_ARGUMENT"), ("Connected", "409 CONFLICT"),
            ("Ringing", "409 CONFLICT"),
        ])
    func unfitting(status: String, outcome: String) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring(183)
        let response = try await attempt.put(id, ["status": .string(status)])
        #expect(response.outcome == outcome, attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        try await attempt.reaches("Connected", id)
    }
}

/// Responses to a CANCEL that has not been sent: its branch and CSeq are the INVITE's, so the peer can make them up.
@Suite(.gatewayAlone(.standard)) struct ForgedCancelResponseTests {
    @Test("A response to a CANCEL that is held back harms nobody", arguments: [100, 200, 481])
    func heldBack(status: Int) async throws {
        let attempt = try scene().attempt()
        let id = try attempt.sessionID(of: try await attempt.post(["offer": nil]))
        #expect(try await attempt.put(id, ["offer": ["sdp": .string(SDP.offer())]]).status == 204)
        let invite = try await attempt.call.invite()
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.fence()
        let number = try #require(invite.message.cseq?.number)
        invite.respond(status, tag: "forged", headers: [.init("CSeq", "\(number) CANCEL")])
        try await attempt.fence()
        let gateway = try scene().gateway
        #expect(gateway.isRunning, "\(gateway.logTail)")
        // The real thing still works: held back until a provisional response to the INVITE.
        #expect(!attempt.call.unread.contains(.cancel), attempt.ladder)
        invite.respond(100)
        try await attempt.call.acceptCancel(of: invite)
        _ = try await attempt.call.request(.ack)
        try await attempt.reaches("SessionCancelled", id)
    }
}

/// Applications that go away while their POST waits (mapping §1).
@Suite(.gateway(.patient)) struct DisconnectTests {
    private func start(_ attempt: Attempt) async throws -> (connection: HTTPConnection, invite: PeerRequest) {
        let connection = try HTTPConnection(port: attempt.scene.http.port)
        connection.send(
            "POST", Attempt.sessions, headers: [.init("Content-Type", "application/json")],
            body: try attempt.body().bytes)
        return (connection, try await attempt.call.invite())
    }

    @Test("After 100 the INVITE is cancelled at once")
    func afterTrying() async throws {
        let attempt = try scene().attempt()
        let (connection, invite) = try await start(attempt)
        invite.respond(100)
        connection.close()
        let cancel = try await attempt.call.acceptCancel(of: invite)
        #expect(cancel["Reason"] != nil, attempt.ladder)
        _ = try await attempt.call.request(.ack)
    }

    @Test("Before any response the CANCEL is held back until one comes")
    func beforeAnyResponse() async throws {
        let attempt = try scene().attempt()
        let (connection, invite) = try await start(attempt)
        connection.close()
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.cancel), "RFC 3261 §9.1; \(attempt.ladder)")
        invite.respond(100)
        try await attempt.call.acceptCancel(of: invite)
        _ = try await attempt.call.request(.ack)
    }

    @Test("A call answered meanwhile is acknowledged and ended")
    func answeredMeanwhile() async throws {
        let attempt = try scene().attempt()
        let (connection, invite) = try await start(attempt)
        invite.respond(100)
        connection.close()
        let cancel = try await attempt.call.request(.cancel)
        invite.respond(200, sdp: SDP.answer())
        cancel.respond(481)
        _ = try await attempt.call.request(.ack)
        try await attempt.call.acceptBye()
    }
}
