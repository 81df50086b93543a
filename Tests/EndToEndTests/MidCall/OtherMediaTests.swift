import TestPeer
import Testing

/// The network's offers of other media, which the application answers by PUT (mapping §3).
@Suite(.gateway(.standard)) struct OtherMediaTests {
    private static let offer = SDP.answer("other")
    private static let answer = SDP.offer().replacing("42988", with: "42990").replacing(" 2 IN", with: " 3 IN")
    private static let put: JSONValue = ["status": "Connected", "answer": ["sdp": .string(answer)]]

    /// Has the network offer other media, and returns once the session shows it.
    private func offered(_ method: SIPMethod, _ attempt: Attempt, _ id: String) async throws -> PeerTransaction {
        let transaction = try attempt.call.send(method, sdp: Self.offer)
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let session = try await attempt.read(id).json
            if session["offer"]?["sdp"]?.string == Self.offer {
                #expect(session["status"]?.string == "Connected", attempt.ladder)
                #expect(session["answer"] == nil, "the application owes it; \(attempt.ladder)")
                #expect(session["reason"]?.string == "the network offers other media", attempt.ladder)
                return transaction
            }
        }
        throw PatienceLost("the network's offer in the session", ladder: attempt.call.ladder)
    }

    private func expectUnchanged(_ attempt: Attempt, _ id: String) async throws {
        let session = try await attempt.read(id).json
        #expect(session["offer"]?["sdp"]?.string == SDP.offer(), attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
    }

    @Test("The application's answer goes out in the 200", arguments: [SIPMethod.invite, .update])
    func answered(method: SIPMethod) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let request = try await offered(method, attempt, id)
        let put = try await attempt.put(id, Self.put)
        #expect(put.outcome == "200 Connected", attempt.ladder)
        #expect(put.json["offer"]?["sdp"]?.string == Self.offer, attempt.ladder)
        #expect(put.json["answer"]?["sdp"]?.string == Self.answer, attempt.ladder)
        let response = try await request.final()
        #expect(response.status == 200, attempt.ladder)
        #expect(response.bodyText == Self.answer, attempt.ladder)
        #expect(response["Contact"] != nil, attempt.ladder)
        if method == .invite { _ = try attempt.call.send(.ack, cseq: response.cseq?.number) }
        // The application is the one that offers again: nothing is in the way.
        async let held = attempt.put(id, ["status": "Hold"])
        let hold = try await attempt.call.request(.invite) { $0.toTag != nil }
        #expect(hold.message.bodyText.contains("a=sendonly\r\n"), attempt.ladder)
        hold.respond(200, sdp: Self.offer.replacing("a=sendrecv", with: "a=recvonly"))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
    }

    @Test("Before it answers, the application can do nothing else, nor the network")
    func oneAtATime() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let request = try await offered(.invite, attempt, id)
        #expect(try await attempt.put(id, ["status": "Hold"]).status == 409, attempt.ladder)
        for method in [SIPMethod.invite, .update] {
            let second = try await attempt.call.send(method, sdp: Self.offer).final()
            #expect(second.status == 500, "RFC 3261 §14.2, RFC 3311 §5.2; \(attempt.ladder)")
            #expect(second["Retry-After"] != nil, attempt.ladder)
        }
        #expect(try await attempt.call.send(.update).final().status == 200, "no offer; \(attempt.ladder)")
        let wrong: JSONValue = ["answer": ["sdp": .string(Self.answer + "m=video 9 RTP/AVP 96\r\n")]]
        #expect(try await attempt.put(id, wrong).status == 400, attempt.ladder)
        #expect(try await attempt.put(id, Self.put).status == 200, attempt.ladder)
        #expect(try await request.final().status == 200, attempt.ladder)
        #expect(try await attempt.put(id, ["answer": ["sdp": "v=0"]]).status == 400, attempt.ladder)
    }

    @Test("The network takes its re-INVITE back: 487, and the session is what it was")
    func cancelled() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let request = try await offered(.invite, attempt, id)
        #expect(try await attempt.call.cancel(request).final().status == 200, attempt.ladder)
        #expect(try await request.final().status == 487, attempt.ladder)
        try await expectUnchanged(attempt, id)
        #expect(try await attempt.put(id, Self.put).status == 409, attempt.ladder)
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.acceptBye()
        try await attempt.reaches("Terminated", id)
    }

    @Test("The end of the call answers the request", arguments: [true, false])
    func ended(byNetwork: Bool) async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let request = try await offered(.invite, attempt, id)
        if byNetwork {
            #expect(try await attempt.call.send(.bye).final().status == 200, attempt.ladder)
        } else {
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.call.acceptBye()
        }
        #expect(try await request.final().status == 487, "RFC 3261 §15.1.2; \(attempt.ladder)")
        try await attempt.reaches("Terminated", id)
    }

    // MARK: - Before the answer

    private func early(_ attempt: Attempt, allow: String) async throws -> (invite: PeerRequest, id: String) {
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        invite.respond(183, sdp: SDP.answer(), reliable: 1, headers: [.init("Allow", allow)])
        let id = try attempt.sessionID(of: await reply)
        try await attempt.call.request(.prack).respond(200)
        return (invite, id)
    }

    @Test("A new offer in an early dialog goes out by UPDATE where the network takes it")
    func earlyUpdate() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await early(attempt, allow: "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE")
        let status = try await attempt.put(id, ["offer": ["sdp": .string(Self.answer)]]).status
        #expect(status == 204, attempt.ladder)
        let update = try await attempt.call.request(.update)
        #expect(update.message.bodyText == Self.answer, attempt.ladder)
        #expect(update.message["Contact"] != nil, attempt.ladder)
        update.respond(200, sdp: Self.offer)
        try await attempt.fence()
        let session = try await attempt.read(id).json
        #expect(session["offer"]?["sdp"]?.string == Self.answer, attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == Self.offer, attempt.ladder)
        #expect(session["status"]?.string == "InProgress", attempt.ladder)
        invite.respond(200)
        _ = try await attempt.call.request(.ack)
        try await attempt.reaches("Connected", id)
    }

    @Test("Else it waits for the answer and goes out by re-INVITE")
    func queued() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await early(attempt, allow: "INVITE, ACK, BYE, CANCEL, PRACK")
        #expect(try await attempt.put(id, ["offer": ["sdp": .string(Self.answer)]]).status == 204, attempt.ladder)
        #expect(try await attempt.put(id, ["offer": ["sdp": .string(SDP.offer("third"))]]).status == 409)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.update), attempt.ladder)
        invite.respond(200)
        let request = try await attempt.call.request(.invite) { $0.toTag != nil }
        #expect(request.message.bodyText == Self.answer, attempt.ladder)
        request.respond(200, sdp: Self.offer)
        _ = try await attempt.call.request(.ack) { $0.cseq?.number == request.message.cseq?.number }
        let session = try await attempt.read(id).json
        #expect(session["offer"]?["sdp"]?.string == Self.answer, attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == Self.offer, attempt.ladder)
    }
}
