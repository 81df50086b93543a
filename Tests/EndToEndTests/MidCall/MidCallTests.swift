import TestPeer
import Testing

/// Calls whose media change after the answer, over real sockets (mapping §3).
@Suite(.gateway(.standard)) struct MidCallTests {
    private func directed(_ sdp: String, _ direction: String, version: (from: String, to: String)) -> String {
        sdp.replacing("a=sendrecv", with: "a=\(direction)").replacing(" \(version.from) IN", with: " \(version.to) IN")
    }

    /// The peer's description, later on.
    private func peers(_ direction: String, version: Int) -> String {
        directed(SDP.answer(), direction, version: ("1", String(version)))
    }

    private func reinvite(_ attempt: Attempt) async throws -> PeerRequest {
        try await attempt.call.request(.invite) { $0.toTag != nil }
    }

    /// Sends the ACK to a 2xx of the peer's re-INVITE.
    private func acknowledge(_ attempt: Attempt, _ response: WireMessage, sdp: String? = nil) throws {
        _ = try attempt.call.send(.ack, sdp: sdp, cseq: response.cseq?.number)
    }

    @Test("PUT Hold and Resume change directions alone, and wait for the 200")
    func holdAndResume() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let hold = try await reinvite(attempt)
        #expect(hold.message.bodyText == directed(SDP.offer(), "sendonly", version: ("2", "3")), attempt.ladder)
        #expect(hold.message.contactURI == invite.message.contactURI, attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
        #expect(try await attempt.put(id, ["status": "Resume"]).status == 409, attempt.ladder)
        hold.respond(200, sdp: peers("recvonly", version: 2))
        let answer = try await held
        #expect(answer.outcome == "200 Hold", attempt.ladder)
        #expect(answer.json["answer"]?["sdp"]?.string == peers("recvonly", version: 2), attempt.ladder)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.put(id, ["status": "Hold"]).outcome == "200 Hold", "an echo; \(attempt.ladder)")
        async let resumed = attempt.put(id, ["status": "Resume"])
        let resume = try await reinvite(attempt)
        #expect(resume.message.bodyText == directed(SDP.offer(), "sendrecv", version: ("2", "4")), attempt.ladder)
        resume.respond(200, sdp: peers("sendrecv", version: 3))
        #expect(try await resumed.outcome == "200 Resume", attempt.ladder)
        _ = try await attempt.call.request(.ack)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.acceptBye()
        try await attempt.reaches("Terminated", id)
    }

    @Test("A refused re-INVITE keeps the session", arguments: [488, 500, 603])
    func refused(code: Int) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        try await reinvite(attempt).respond(code)
        #expect(try await held.status == 409, attempt.ladder)
        _ = try await attempt.call.request(.ack)
        let session = try await attempt.read(id)
        #expect(session.json["status"]?.string == "Connected", attempt.ladder)
        #expect(session.json["offer"]?["sdp"]?.string == SDP.offer(), attempt.ladder)
    }

    @Test("481 to it ends the call: session timeout")
    func lost() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        try await reinvite(attempt).respond(481)
        #expect(try await held.status == 409, attempt.ladder)
        try await attempt.call.acceptBye()
        let session = try await attempt.reaches("Terminated", id)
        #expect(session["reason"]?.string == "session timeout", attempt.ladder)
    }

    @Test("PUT of a new offer: 204, and the answer is told")
    func newOffer() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let offer = SDP.offer().replacing("42988", with: "42990").replacing(" 2 IN", with: " 3 IN")
        let status = try await attempt.put(id, ["status": "Connected", "offer": ["sdp": .string(offer)]]).status
        #expect(status == 204, attempt.ladder)
        let request = try await reinvite(attempt)
        #expect(request.message.bodyText == offer, attempt.ladder)
        request.respond(200, sdp: SDP.answer("new"))
        let ack = try await attempt.call.request(.ack)
        #expect(ack.message.cseq?.number == request.message.cseq?.number, attempt.ladder)
        let session = try await attempt.read(id)
        #expect(session.json["answer"]?["sdp"]?.string == SDP.answer("new"), attempt.ladder)
        #expect(session.json["offer"]?["sdp"]?.string == offer, attempt.ladder)
    }

    @Test("The network holds and resumes", arguments: [SIPMethod.invite, .update])
    func heldByTheNetwork(method: SIPMethod) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        for (version, theirs, ours, status) in [
            (2, "sendonly", "recvonly", "Hold"), (3, "inactive", "inactive", "Hold"),
            (4, "sendrecv", "sendrecv", "Resume"),
        ] {
            let offer = peers(theirs, version: version)
            let response = try await attempt.call.send(method, sdp: offer).final()
            #expect(response.status == 200, attempt.ladder)
            #expect(response.bodyText.contains("a=\(ours)\r\n"), attempt.ladder)
            #expect(response["Contact"] != nil, attempt.ladder)
            if method == .invite { try acknowledge(attempt, response) }
            let session = try await attempt.read(id).json
            #expect(session["status"]?.string == status, attempt.ladder)
            #expect(session["answer"]?["sdp"]?.string == offer, attempt.ladder)
        }
    }

    @Test("Glare: both get 491, and ours is sent again")
    func glare() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let first = try await reinvite(attempt)
        let theirs = try attempt.call.send(.invite, sdp: peers("sendonly", version: 2))
        #expect(try await theirs.final().status == 491, attempt.ladder)
        #expect(
            try await attempt.call.send(.update, sdp: peers("sendonly", version: 2)).final().status == 491,
            attempt.ladder)
        first.respond(491)
        _ = try await attempt.call.request(.ack)
        let again = try await reinvite(attempt)
        again.respond(200, sdp: peers("recvonly", version: 2))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
    }

    @Test("An offerless re-INVITE is offered our description; the ACK answers")
    func offerless() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let response = try await attempt.call.send(.invite).final()
        #expect(response.status == 200, attempt.ladder)
        #expect(response.bodyText == SDP.offer(), attempt.ladder)
        try acknowledge(attempt, response, sdp: SDP.answer("again"))
        try await attempt.fence()
        let session = try await attempt.read(id)
        #expect(session.json["answer"]?["sdp"]?.string == SDP.answer("again"), attempt.ladder)
    }

    @Test("A target refresh moves where our requests go", arguments: [SIPMethod.invite, .update])
    func targetRefresh(method: SIPMethod) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let address = try scene().peer.address
        // The peer's helper names a Contact of its own; the last one is ours.
        let sdp = method == .invite ? SDP.answer() : nil
        let moved = WireMessage.Header("Contact", "<sip:moved@\(address)>")
        let response = try await attempt.call.send(method, sdp: sdp, headers: [moved]).final()
        #expect(response.status == 200, attempt.ladder)
        if method == .invite { try acknowledge(attempt, response) }
        _ = try await attempt.delete(id)
        let bye = try await attempt.call.acceptBye()
        #expect(bye.requestURI == "sip:moved@\(address)", attempt.ladder)
    }

    @Test("BYE crossing our re-INVITE answers the PUT and ends the call")
    func byeCrosses() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        async let held = attempt.put(id, ["status": "Hold"])
        let request = try await reinvite(attempt)
        #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        request.respond(487)
        #expect(try await held.status == 409, attempt.ladder)
        try await attempt.reaches("Terminated", id)
    }

    @Test("A method nobody knows is 501, and Allow says what is known")
    func unknownMethod() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let response = try await attempt.call.send("FOO").final()
        #expect(response.status == 501, attempt.ladder)
        #expect(response.tokens("Allow").contains("UPDATE"), attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
    }

    @Test("INFO and REFER are answered as their RFCs say")
    func otherRequests() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let package = WireMessage.Header("Info-Package", "foo")
        #expect(try await attempt.call.send("INFO", headers: [package]).final().status == 469, attempt.ladder)
        #expect(try await attempt.call.send("INFO").final().status == 200, attempt.ladder)
        #expect(try await attempt.call.send("INFO", sdp: "x").final().status == 415, attempt.ladder)
        let refer = WireMessage.Header("Refer-To", "<sip:bob@example.com>")
        let refused = try await attempt.call.send("REFER", headers: [refer]).final()
        #expect(refused.status == 405, attempt.ladder)
        #expect(refused.tokens("Allow").contains("INVITE"), attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Connected", attempt.ladder)
    }
}
