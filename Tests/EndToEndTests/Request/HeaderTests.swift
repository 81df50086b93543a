import TestPeer
import Testing

/// What the INVITE carries (ims-headers).
@Suite(.gateway(.standard)) struct HeaderTests {
    /// The INVITE of a call that is then refused.
    private func invite(
        _ prefix: String = "+1", _ changes: [String: JSONValue] = [:]
    ) async throws -> (message: WireMessage, attempt: Attempt) {
        let attempt = try scene().attempt(prefix)
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post(changes)
        return (try await attempt.call.invite().message, attempt)
    }

    @Test("Always: Max-Forwards, Supported, Allow, Session-ID, Contact, one Via", arguments: ["+1", "+31", "+32"])
    func always(prefix: String) async throws {
        let (message, attempt) = try await invite(prefix)
        #expect(message["Max-Forwards"] == "70", attempt.ladder)
        #expect(Set(message.tokens("Supported")).isSuperset(of: ["100rel", "timer"]))
        #expect(
            Set(message.tokens("Allow")) == ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS"])
        let session = try #require(message["Session-ID"])
        let local = session.split(separator: ";").first.map(String.init) ?? ""
        #expect(local.count == 32 && local.allSatisfy { $0.isHexDigit && !$0.isUppercase }, "RFC 7989 §5")
        let contact = try #require(message.contactURI)
        #expect(contact.contains("127.0.0.1:\(try scene().gateway.configuration.sipPort)"))
        #expect(contact.contains("transport=tcp") == (prefix == "+32"), "\(contact); RFC 3261 §12.1.1")
        #expect(message.all("Via").count == 1)
        #expect(message.branch?.hasPrefix("z9hG4bK") ?? false)
        #expect(message.all("Route").isEmpty)
        for name in ["Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type", "Content-Length"] {
            #expect(message.all(name).count == 1, "\(name) once")
        }
    }

    @Test("Only a trusted trunk is told who calls and for whom it is billed (RFC 3325, RFC 7315)")
    func assertedIdentity() async throws {
        let (trusted, _) = try await invite("+1")
        let identity = try #require(trusted["P-Asserted-Identity"])
        #expect(WireMessage.uri(of: identity) == "sip:\(Attempt.caller)@operator.example;user=phone")
        let charging = try #require(trusted["P-Charging-Vector"])
        #expect(charging.contains("icid-value=") && charging.contains("orig-ioi=operator.example"))
        #expect(trusted["P-Early-Media"] == "supported")

        let (untrusted, _) = try await invite("+31")
        for name in ["P-Asserted-Identity", "P-Charging-Vector"] { #expect(untrusted[name] == nil) }
        #expect(!(untrusted["User-Agent"] ?? "").contains("/"), "the product without its version")
    }

    @Test("Every call has a Call-ID, tag, branch, Session-ID and charging id of its own")
    func unique() async throws {
        var seen: [String: Set<String>] = [:]
        for _ in 0..<20 {
            let (message, _) = try await invite()
            seen["Call-ID", default: []].insert(message.callID)
            seen["tag", default: []].insert(message.fromTag ?? "")
            seen["branch", default: []].insert(message.branch ?? "")
            seen["Session-ID", default: []].insert(message["Session-ID"] ?? "")
            seen["icid", default: []].insert(message["P-Charging-Vector"] ?? "")
        }
        for (name, values) in seen { #expect(values.count == 20, "\(name)") }
    }

    @Test("An anonymous originator: Privacy id, an anonymous From, no name (RFC 3323)")
    func anonymous() async throws {
        let (message, attempt) = try await invite(
            "+1", ["originatorAddress": "sip:anonymous@anonymous.invalid", "originatorName": "Secret Name"])
        #expect(message["Privacy"] == "id", attempt.ladder)
        #expect(message["From"].flatMap(WireMessage.uri) == "sip:anonymous@anonymous.invalid")
        #expect(!message.text.contains("Secret Name"))
        #expect(!message.text.contains(Attempt.caller))
    }

    @Test("A call that is not anonymous asks for no privacy")
    func notAnonymous() async throws {
        let (message, _) = try await invite()
        #expect(message["Privacy"] == nil)
    }

    @Test(
        "A name is quoted, never a header",
        arguments: [
            ("Alice", "\"Alice\""), ("A \"B\" \\ C", "\"A \\\"B\\\" \\\\ C\""), ("a@b;tag=x", "\"a@b;tag=x\""),
            ("Zoë 日本", "\"Zoë 日本\""), ("<sip:x@y.example>", "\"<sip:x@y.example>\""),
        ])
    func displayName(name: String, quoted: String) async throws {
        let (message, attempt) = try await invite("+1", ["originatorName": .string(name)])
        #expect(message["From"]?.hasPrefix("\(quoted) <sip:\(Attempt.caller)@") ?? false, attempt.ladder)
        #expect(message.fromTag != "x")
    }

    @Test("No originator name, no display name", arguments: [JSONValue.null, ""])
    func noDisplayName(name: JSONValue) async throws {
        let (message, attempt) = try await invite("+1", ["originatorName": name])
        #expect(message["From"]?.hasPrefix("<sip:") ?? false, attempt.ladder)
    }

    @Test("The API client's address appears nowhere")
    func topology() async throws {
        let attempt = try scene().attempt()
        let connection = try HTTPConnection(port: try scene().http.port, from: "127.0.0.77")
        connection.send(
            "POST", Attempt.sessions,
            headers: [.init("Content-Type", "application/json"), .init("X-Forwarded-For", "127.0.0.78")],
            body: try attempt.body().bytes)
        let invite = try await attempt.call.invite()
        #expect(!invite.message.text.contains("127.0.0.77"))
        #expect(!invite.message.text.contains("127.0.0.78"))
        invite.respond(486)
        let response = try await connection.response()
        #expect(response.status == 422)
        connection.close()
    }

    @Test("reliable1xx: required demands 100rel")
    func requiresReliability() async throws {
        let (message, _) = try await invite("+47")
        #expect(message.tokens("Require").contains("100rel"))
        let (usual, _) = try await invite("+1")
        #expect(usual["Require"] == nil)
    }

    @Test("A trunk without a session timer asks for none (RFC 4028)")
    func sessionTimer() async throws {
        let (usual, _) = try await invite()
        #expect(usual["Session-Expires"] == nil)
    }

    @Test(
        "The sip form of an address is dialled like its number",
        arguments: ["sip:NUMBER@anywhere.example", "tel:NUMBER"])
    func forms(form: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(486) }
        let address = form.replacingOccurrences(of: "NUMBER", with: attempt.number)
        _ = try await attempt.post(["receiverAddress": .string(address)])
        let message = try await attempt.call.invite().message
        #expect(message.requestURI == "sip:\(attempt.number)@ims.example;user=phone", attempt.ladder)
    }
}
