import TestPeer
import Testing

/// Calls that end after they were answered.
@Suite(.gateway(.standard)) struct ByeTests {
    @Test("DELETE answers 204 at once; its BYE says normal clearing and its 200 ends the session")
    func delete() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        let bye = try await attempt.call.request(.bye)
        #expect(bye.message["Reason"]?.hasPrefix("Q.850;cause=16") ?? false, attempt.ladder)
        #expect(bye.message.cseq?.number ?? 0 > invite.message.cseq?.number ?? 0)
        #expect(bye.message.requestURI == "sip:peer@\(try scene().peer.address)")
        #expect(
            try await attempt.read(id).json["status"]?.string == "Connected",
            "until the BYE is answered; \(attempt.ladder)")
        bye.respond(200)
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string?.isEmpty == false, attempt.ladder)
    }

    @Test("PUT Terminated or SessionCancelled does the same", arguments: ["Terminated", "SessionCancelled"])
    func put(status: String) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let response = try await attempt.put(id, ["status": .string(status)])
        #expect([200, 204].contains(response.status), attempt.ladder)
        let bye = try await attempt.call.acceptBye()
        #expect(bye["Reason"]?.hasPrefix("Q.850;cause=16") ?? false, attempt.ladder)
        try await attempt.reaches("Terminated", id)
    }

    @Test(
        "The network's BYE is answered 200 and its Reason is told",
        arguments: [nil, "Q.850;cause=16", "Q.850;cause=41;text=\"Temporary failure\"", "SIP;cause=200"])
    func fromTheNetwork(reason: String?) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let bye = try attempt.call.send(.bye, headers: reason.map { [.init("Reason", $0)] } ?? [])
        #expect(try await bye.final().status == 200, attempt.ladder)
        let session = try await attempt.reaches("Terminated", id)
        let told = try #require(session["reason"]?.string, attempt.ladder)
        #expect(told == (reason.map { "SIP BYE; \($0)" } ?? "SIP BYE"), attempt.ladder)
        // A second BYE finds no dialog.
        #expect(try await attempt.call.send(.bye).final().status == 481, attempt.ladder)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.bye), attempt.ladder)
    }

    @Test("BYEs that cross end the call once", arguments: [200, 481])
    func crossing(code: Int) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        _ = try await attempt.delete(id)
        let ours = try await attempt.call.request(.bye)
        let theirs = try attempt.call.send(.bye)
        _ = try await theirs.final()
        ours.respond(code)
        try await attempt.reaches("Terminated", id)
    }

    @Test("OPTIONS within the dialog is answered and changes nothing")
    func optionsInDialog() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.call.send(.options).final().status == 200, attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
    }

    @Test("A BYE with a CSeq below the last one is refused and the call stays (RFC 3261 §12.2.2)")
    func outOfOrder() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        _ = try await attempt.call.send(.options, cseq: 50).final()
        #expect(try await attempt.call.send(.bye, cseq: 49).final().status == 500, attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
    }

    @Test("A BYE under another tag is nobody's")
    func strangersBye() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.call.send(.bye, tag: "stranger").final().status == 481, attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
    }
}
