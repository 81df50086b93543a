import TestPeer
import Testing

/// A Q.850 cause of mapping §2 and what it makes of 480, 403 and 5xx.
struct CauseRow: Sendable, CustomTestStringConvertible {
    let cause: Int
    let outcome: String
    let status: String

    var testDescription: String { "cause \(cause) → \(outcome), \(status)" }

    static let all =
        rows([17], "422 SERVICE_NOT_APPLICABLE", "Busy")
        + rows([18, 19], "422 SERVICE_NOT_APPLICABLE", "NoAnswer")
        + rows([21], "422 SERVICE_NOT_APPLICABLE", "Declined")
        + rows([1, 3, 20, 27], "404 IDENTIFIER_NOT_FOUND", "NotReachable")
        + rows([28], "400 INVALID_ARGUMENT", "Failed")
        + rows([34, 38, 41, 42, 44], "503 UNAVAILABLE", "Failed")

    private static func rows(_ causes: [Int], _ outcome: String, _ status: String) -> [CauseRow] {
        causes.map { CauseRow(cause: $0, outcome: outcome, status: status) }
    }
}

/// The Reason header (RFC 3326) of a final response.
@Suite(.gateway(.standard)) struct CauseTests {
    @Test("A cause overrides 480, 403 and 5xx", arguments: CauseRow.all, [480, 403, 500, 503, 580])
    func overrides(row: CauseRow, code: Int) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(code, headers: [.init("Reason", "Q.850;cause=\(row.cause)")]) }
        let response = try await attempt.post()
        #expect(response.outcome == row.outcome, attempt.ladder)
    }

    @Test("After a 180 it decides the status and is part of the reason", arguments: CauseRow.all)
    func afterRinging(row: CauseRow) async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        invite.respond(480, "Gone", headers: [.init("Reason", "Q.850;cause=\(row.cause)")])
        let session = try await attempt.reaches(row.status, id)
        #expect(session["reason"]?.string == "SIP 480 Gone; Q.850;cause=\(row.cause)", attempt.ladder)
    }

    @Test(
        "It is found in every form the header may have",
        arguments: [
            "Q.850;cause=17;text=\"User busy\"", "q.850;CAUSE=17", "Q.850 ; cause = 17",
            "SIP;cause=200, Q.850;cause=17",
            "SIP;cause=200;text=\"a, b; Q.850;cause=3\", Q.850;cause=17",
        ])
    func forms(value: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(500, headers: [.init("Reason", value)]) }
        let response = try await attempt.post()
        #expect(response.outcome == "422 SERVICE_NOT_APPLICABLE", attempt.ladder)
    }

    @Test(
        "Codes that speak for themselves, other causes and other protocols change nothing",
        arguments: [
            (404, "Q.850;cause=17", "404 IDENTIFIER_NOT_FOUND"), (486, "Q.850;cause=1", "422 SERVICE_NOT_APPLICABLE"),
            (603, "Q.850;cause=34", "422 SERVICE_NOT_APPLICABLE"), (403, "Q.850;cause=127", "403 PERMISSION_DENIED"),
            (403, "SIP;cause=17", "403 PERMISSION_DENIED"), (403, "Q.850;cause=x", "403 PERMISSION_DENIED"),
            (403, "Q.850", "403 PERMISSION_DENIED"), (500, "SIP;text=\"Q.850;cause=17\"", "503 UNAVAILABLE"),
        ])
    func noOverride(code: Int, value: String, outcome: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(code, headers: [.init("Reason", value)]) }
        let response = try await attempt.post()
        #expect(response.outcome == outcome, attempt.ladder)
    }
}
