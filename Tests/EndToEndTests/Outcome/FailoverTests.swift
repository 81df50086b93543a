import TestPeer
import Testing

/// Routes with two trunks: when the second is tried, and when never (mapping §2).
@Suite(.gateway(.forgiving)) struct FailoverTests {
    @Test("The next trunk is tried on", arguments: [408, 491, 500, 502, 503, 504])
    func triesNext(code: Int) async throws {
        let attempt = try scene().attempt("+44")
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        #expect(first.message.requestURI == "sip:\(attempt.number)@first.example;user=phone", attempt.ladder)
        first.respond(code)
        let second = try await attempt.secondCall.invite()
        #expect(second.message.requestURI == "sip:\(attempt.number)@second.example;user=phone", attempt.ladder)
        #expect(second.message.bodyText == SDP.offer(), attempt.ladder)
        #expect(second.message.branch != first.message.branch)
        second.respond(200, sdp: SDP.answer("second"))
        let response = try await reply
        #expect(response.outcome == "201 Connected", attempt.ladder)
        #expect(response.json["answer"]?["sdp"]?.string == SDP.answer("second"), attempt.ladder)
        let ack = try await attempt.secondCall.request(.ack)
        #expect(ack.message.callID == second.message.callID)
    }

    @Test(
        "What the last trunk says is the outcome",
        arguments: [(503, "503 UNAVAILABLE"), (486, "422 SERVICE_NOT_APPLICABLE")])
    func lastWord(code: Int, outcome: String) async throws {
        let attempt = try scene().attempt("+44")
        attempt.call.whenInvited { $0.respond(504) }
        attempt.secondCall.whenInvited { $0.respond(code) }
        let response = try await attempt.post()
        #expect(response.outcome == outcome, attempt.ladder)
    }

    @Test("No other trunk is tried on", arguments: [486, 487, 600, 603, 604, 606, 699, 404, 480, 403, 488, 501])
    func staysWithTheFirst(code: Int) async throws {
        let row = try #require(StatusRow.all.first { $0.code == code })
        let attempt = try scene().attempt("+44")
        attempt.call.whenInvited { $0.respond(code) }
        let response = try await attempt.post()
        #expect(response.outcome == row.outcome, attempt.ladder)
        try await scene().second.fence(scene().gateway.sip)
        #expect(attempt.secondCall.unread.isEmpty, attempt.ladder)
    }

    @Test("No other trunk is tried once a callee was alerted", arguments: [180, 183], [503, 408, 500])
    func notAfterProgress(provisional: Int, code: Int) async throws {
        let attempt = try scene().attempt("+44")
        let (invite, id) = try await attempt.ring(provisional)
        invite.respond(code)
        try await attempt.reaches(code == 408 ? "NoAnswer" : "Failed", id)
        try await scene().second.fence(scene().gateway.sip)
        #expect(attempt.secondCall.unread.isEmpty, attempt.ladder)
    }

    @Test("A cause about the callee keeps it from the next trunk", arguments: [17, 18, 21, 1, 28])
    func causeStops(cause: Int) async throws {
        let attempt = try scene().attempt("+44")
        attempt.call.whenInvited { $0.respond(503, headers: [.init("Reason", "Q.850;cause=\(cause)")]) }
        let response = try await attempt.post()
        #expect(response.status != 503, attempt.ladder)
        try await scene().second.fence(scene().gateway.sip)
        #expect(attempt.secondCall.unread.isEmpty, attempt.ladder)
    }

    @Test("A cause about the network does not", arguments: [34, 38, 41, 42, 44])
    func causeGoesOn(cause: Int) async throws {
        let attempt = try scene().attempt("+44")
        attempt.call.whenInvited { $0.respond(503, headers: [.init("Reason", "Q.850;cause=\(cause)")]) }
        attempt.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        let response = try await attempt.post()
        #expect(response.outcome == "201 Connected", attempt.ladder)
    }

    @Test("A connection that is refused leads to the next trunk")
    func connectionRefused() async throws {
        let attempt = try scene().attempt("+34")
        attempt.call.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        let response = try await attempt.post()
        #expect(response.outcome == "201 Connected", attempt.ladder)
    }
}

extension ScenePlan {
    /// The standard scene in which no failed call tells the next one anything.
    fileprivate static let forgiving = standard.with { configuration in
        for index in configuration.trunks.indices where configuration.trunks[index].lines.isEmpty {
            configuration.trunks[index].lines = ["failover: {cooldown: 0s}"]
        }
    }
}
