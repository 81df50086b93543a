import TestPeer
import Testing

/// Mapping §2, every row: the final response comes while the POST waits, and after a 180.
@Suite(.gateway(.standard)) struct FinalResponseTests {
    @Test("The POST answers with the row's HTTP error", arguments: StatusRow.all)
    func whileThePOSTWaits(row: StatusRow) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(row.code) }
        let response = try await attempt.post()
        #expect(response.outcome == row.outcome, attempt.ladder)
        #expect(response.json["status"]?.int == response.status, attempt.ladder)
        let message = response.json["message"]?.string ?? ""
        #expect(message.contains(String(row.code)), "the SIP code is in the message; \(attempt.ladder)")
        #expect(!message.contains("127.0.0.1"), "no network address is; \(attempt.ladder)")
        _ = try await attempt.call.request(.ack)
    }

    @Test("After a 180 the session ends with the row's status and the SIP line as its reason", arguments: StatusRow.all)
    func afterRinging(row: StatusRow) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        let final = invite.respond(row.code)
        _ = try await attempt.call.request(.ack)
        let session = try await attempt.reaches(row.status, id)
        guard case .response(let code, let phrase) = final.start else { return }
        #expect(session["reason"]?.string == "SIP \(code) \(phrase)", attempt.ladder)
    }

    @Test("An error leaves no session behind that could be read")
    func errorsNameNoSession() async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(486) }
        let response = try await attempt.post()
        #expect(response.json.keys == ["status", "code", "message"], attempt.ladder)
    }

    @Test("503 with Retry-After gives the application one too")
    func retryAfter() async throws {
        // A trunk of its own: for seven seconds no call is sent there.
        let attempt = try scene().attempt("+31")
        attempt.call.whenInvited { $0.respond(503, headers: [.init("Retry-After", "7")]) }
        let response = try await attempt.post()
        #expect(response.outcome == "503 UNAVAILABLE", attempt.ladder)
        #expect(response["Retry-After"].flatMap { Int($0) } == 7, attempt.ladder)
        let next = try scene().attempt("+31")
        let refused = try await next.post()
        #expect(refused.outcome == "503 UNAVAILABLE", next.ladder)
        #expect(refused["Retry-After"].flatMap { Int($0) }.map { (1...7).contains($0) } ?? false, next.ladder)
        try await next.fence()
        #expect(next.call.unread.isEmpty, next.ladder)
    }

    @Test("A trunk whose connection is refused is unavailable")
    func connectionRefused() async throws {
        let attempt = try scene().attempt("+33")
        let response = try await attempt.post()
        #expect(response.outcome == "503 UNAVAILABLE", attempt.ladder)
    }

    @Test("A call over TCP ends like one over UDP", arguments: [404, 486, 603])
    func overTCP(code: Int) async throws {
        let row = try #require(StatusRow.all.first { $0.code == code })
        let attempt = try scene().attempt("+32")
        attempt.call.whenInvited { $0.respond(code) }
        let response = try await attempt.post()
        #expect(response.outcome == row.outcome, attempt.ladder)
    }
}

/// `sessionCreate.calleeOutcome: resource` (mapping §1).
@Suite(.gateway(.outcomeIsResource)) struct CalleeOutcomeTests {
    @Test("Rows marked † answer 201 with a session that has ended", arguments: StatusRow.all.filter(\.isAboutCallee))
    func calleeRows(row: StatusRow) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(row.code, headers: [.init("Reason", "SIP;cause=200")]) }
        let response = try await attempt.post()
        let status = row.statusUnrung ?? row.status
        #expect(response.outcome == "201 \(status)", attempt.ladder)
        let session = try await attempt.reaches(status, try attempt.sessionID(of: response))
        #expect(session["reason"]?.string?.hasPrefix("SIP \(row.code) ") ?? false, attempt.ladder)
        #expect(session["reason"]?.string?.hasSuffix("; SIP;cause=200") ?? false, attempt.ladder)
    }

    @Test("The other rows stay errors", arguments: StatusRow.all.filter { !$0.isAboutCallee && $0.code % 4 == 0 })
    func otherRows(row: StatusRow) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(row.code) }
        let response = try await attempt.post()
        #expect(response.outcome == row.outcome, attempt.ladder)
    }

    @Test(
        "A cause that is about the callee makes it a session too",
        arguments: [(403, 17, "Busy"), (500, 21, "Declined")])
    func causes(code: Int, cause: Int, status: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(code, headers: [.init("Reason", "Q.850;cause=\(cause)")]) }
        let response = try await attempt.post()
        #expect(response.outcome == "201 \(status)", attempt.ladder)
    }
}
