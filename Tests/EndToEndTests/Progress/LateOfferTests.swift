import TestPeer
import Testing

/// A POST without an offer, and the offer by PUT (mapping §1, last paragraph).
@Suite(.gateway(.standard)) struct LateOfferTests {
    @Test("201 Initial without an INVITE; the offer PUT later brings it")
    func offerByPUT() async throws {
        let attempt = try scene().attempt()
        let response = try await attempt.post(["offer": nil])
        #expect(response.outcome == "201 Initial", attempt.ladder)
        #expect(response.json["offer"] == nil)
        let id = try attempt.sessionID(of: response)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, "nothing is sent before there is an offer; \(attempt.ladder)")

        let put = try await attempt.put(id, ["offer": ["sdp": .string(SDP.offer("late"))]])
        #expect(put.status == 204, attempt.ladder)
        let invite = try await attempt.call.invite()
        #expect(invite.message.bodyText == SDP.offer("late"), attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        let session = try await attempt.reaches("Connected", id)
        #expect(session["offer"]?["sdp"]?.string == SDP.offer("late"), attempt.ladder)
        #expect(session["answer"]?["sdp"]?.string == SDP.answer(), attempt.ladder)
    }

    @Test("Ended before the offer came, the network never hears of it")
    func endedBeforeTheOffer() async throws {
        let attempt = try scene().attempt()
        let id = try attempt.sessionID(of: try await attempt.post(["offer": nil]))
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.reaches("SessionCancelled", id)
        let put = try await attempt.put(id, ["offer": ["sdp": .string(SDP.offer())]])
        #expect(put.status == 409, attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("A malformed offer is refused and the session waits on")
    func malformedOffer() async throws {
        let attempt = try scene().attempt()
        let id = try attempt.sessionID(of: try await attempt.post(["offer": nil]))
        let put = try await attempt.put(id, ["offer": ["sdp": "v=0\r\nno description"]])
        #expect(put.outcome == "400 INVALID_ARGUMENT", attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
        #expect(try await attempt.read(id).json["status"]?.string == "Initial", attempt.ladder)
    }

    @Test("The offer the session already has is an echo: no SIP")
    func echo() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let put = try await attempt.put(id, ["offer": ["sdp": .string(SDP.offer())], "status": "Connected"])
        #expect(put.outcome == "200 Connected", attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }
}
