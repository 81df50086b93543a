import TestPeer
import Testing

/// Bearer tokens, good and bad (camara-rules, "Tokens" and "Scopes").
@Suite(.gateway(.guarded)) struct TokenTests {
    private static let all = ["create", "read", "write", "delete"].map { "webrtc-call-handling:sessions:\($0)" }

    private func bearer(_ token: String) -> [WireMessage.Header] { [.init("Authorization", "Bearer \(token)")] }

    private func expectRefused(
        _ attempt: Attempt, _ headers: [WireMessage.Header], _ outcome: String, changes: [String: JSONValue] = [:]
    ) async throws -> HTTPResponse {
        let response = try await attempt.post(changes, headers: headers)
        #expect(response.outcome == outcome, attempt.ladder)
        if response.status == 401 {
            #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer") ?? false, attempt.ladder)
        }
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
        return response
    }

    @Test("A good token makes a call", arguments: [Attempt.caller, nil])
    func accepted(phoneNumber: String?) async throws {
        // Without a phone number the token is a two-legged one and names no caller; this suite has no registrations.
        let attempt = try scene().attempt()
        let token = try scene().issuer.token(scopes: Self.all, phoneNumber: phoneNumber)
        guard phoneNumber != nil else {
            let response = try await attempt.post(headers: bearer(token))
            #expect((400..<500).contains(response.status), attempt.ladder)
            return
        }
        async let reply = attempt.post(headers: bearer(token))
        try await attempt.call.invite().respond(180)
        let response = try await reply
        #expect(response.outcome == "201 Ringing", attempt.ladder)
        let id = try attempt.sessionID(of: response)
        let path = "\(Attempt.sessions)/\(id)"

        let own = try await scene().http.send("GET", path, headers: bearer(token))
        #expect(own.status == 200)
        let stranger = try scene().issuer.token(scopes: Self.all, phoneNumber: phoneNumber, client: "app-2")
        for method in ["GET", "DELETE"] {
            let other = try await scene().http.send(method, path, headers: bearer(stranger))
            #expect(other.outcome == "404 NOT_FOUND", "another client does not see it; \(attempt.ladder)")
        }
        let otherUser = try scene().issuer.token(scopes: Self.all, phoneNumber: "+17085850000")
        #expect(try await scene().http.send("GET", path, headers: bearer(otherUser)).status == 404)
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.cancel))
    }

    @Test("A token with a flaw is answered 401", arguments: TokenIssuer.Flaw.allCases)
    func flawed(flaw: TokenIssuer.Flaw) async throws {
        let attempt = try scene().attempt()
        let token = try scene().issuer.token(scopes: Self.all, phoneNumber: Attempt.caller, flaw: flaw)
        _ = try await expectRefused(attempt, bearer(token), "401 UNAUTHENTICATED")
    }

    @Test(
        "No token, or something that is none, is answered 401",
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer a.b", "Bearer a.b.c", "Bearer ....", "Basic dXNlcjpwYXNz",
            "Bearer \u{7F}",
        ])
    func missing(value: String?) async throws {
        let attempt = try scene().attempt()
        _ = try await expectRefused(
            attempt, value.map { [.init("Authorization", $0)] } ?? [], "401 UNAUTHENTICATED")
    }

    @Test(
        "A scope that is missing is answered 403", arguments: [[], ["webrtc-call-handling:sessions:read"], ["openid"]])
    func scope(scopes: [String]) async throws {
        let attempt = try scene().attempt()
        let token = try scene().issuer.token(scopes: scopes, phoneNumber: Attempt.caller)
        _ = try await expectRefused(attempt, bearer(token), "403 PERMISSION_DENIED")
    }

    @Test("Another number than the token's is refused in the document's words")
    func otherNumber() async throws {
        let attempt = try scene().attempt()
        let token = try scene().issuer.token(scopes: Self.all, phoneNumber: "+17085850000")
        let response = try await expectRefused(attempt, bearer(token), "403 INVALID_TOKEN_CONTEXT")
        #expect(response.json["message"]?.string == "originator info is not consistent with access token.")
    }

    @Test("The same number in its sip form is the same")
    func sameNumberAsURI() async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(486) }
        let token = try scene().issuer.token(scopes: Self.all, phoneNumber: Attempt.caller)
        let response = try await attempt.post(
            ["originatorAddress": .string("sip:\(Attempt.caller)@operator.example")], headers: bearer(token))
        #expect(response.status == 422, attempt.ladder)
    }

    @Test("An anonymous caller's number is asserted to a trusted trunk and shown to nobody", arguments: ["+1", "+31"])
    func anonymous(prefix: String) async throws {
        let attempt = try scene().attempt(prefix)
        attempt.call.whenInvited { $0.respond(486) }
        let token = try scene().issuer.token(scopes: Self.all, phoneNumber: Attempt.caller)
        _ = try await attempt.post(
            ["originatorAddress": "sip:anonymous@anonymous.invalid"], headers: bearer(token))
        let invite = try await attempt.call.invite().message
        #expect(invite["Privacy"] == "id", attempt.ladder)
        #expect(invite["From"]?.contains(Attempt.caller) == false)
        if prefix == "+1" {
            #expect(invite["P-Asserted-Identity"]?.contains("sip:\(Attempt.caller)@") ?? false, attempt.ladder)
        } else {
            #expect(!invite.text.contains(Attempt.caller), attempt.ladder)
        }
    }
}
