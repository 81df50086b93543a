import TestPeer
import Testing

/// Final responses that lead to another INVITE: 3xx, 422, 424; and those that must not: challenges, 380.
@Suite(.gateway(.standard)) struct RetryTests {
    @Test("A redirection to a configured trunk is followed", arguments: [300, 301, 302])
    func redirectionInside(code: Int) async throws {
        let attempt = try scene().attempt()
        let target = Numbers.next("+1")
        let redirected = try scene().second.expect(target)
        let contact = "<sip:\(target)@127.0.0.1:\(try scene().second.port)>"
        async let reply = attempt.post()
        try await attempt.call.invite().respond(code, headers: [.init("Contact", contact)])
        _ = try await attempt.call.request(.ack)
        let invite = try await redirected.invite()
        #expect(invite.message.bodyText == SDP.offer(), "\(redirected.ladder)")
        invite.respond(200, sdp: SDP.answer("redirected"))
        let response = try await reply
        #expect(response.outcome == "201 Connected", attempt.ladder)
        #expect(response.json["answer"]?["sdp"]?.string == SDP.answer("redirected"), attempt.ladder)
        // What was asked for stays what the session says.
        #expect(response.json["receiverAddress"]?.string == "tel:\(attempt.number)")
    }

    @Test("A redirection to an emergency number is never sent as an ordinary call")
    func redirectionToEmergency() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        try await attempt.call.invite().respond(302, headers: [.init("Contact", "<sip:112@second.example>")])
        let response = try await reply
        #expect(response.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", attempt.ladder)
        _ = try await attempt.call.request(.ack)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("A redirection to a trunk's domain goes to that trunk")
    func redirectionToDomain() async throws {
        let attempt = try scene().attempt()
        let target = Numbers.next("+1")
        let redirected = try scene().second.expect(target)
        async let reply = attempt.post()
        try await attempt.call.invite().respond(
            302, headers: [.init("Contact", "<sip:\(target)@second.example;user=phone>")])
        let invite = try await redirected.invite()
        invite.respond(486)
        let response = try await reply
        #expect(response.outcome == "422 SERVICE_NOT_APPLICABLE", attempt.ladder)
    }

    @Test(
        "A redirection elsewhere is not followed",
        arguments: [
            "<sip:+17085850000@198.51.100.7>", "<sip:+17085850000@elsewhere.example>", "<tel:+17085850000>",
            "<sip:+17085850000@ims.example.attacker.example>", "<mailto:a@ims.example>", "*",
        ])
    func redirectionOutside(contact: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(302, headers: [.init("Contact", contact)]) }
        let response = try await attempt.post()
        #expect(response.outcome == "502 BAD_GATEWAY", attempt.ladder)
        _ = try await attempt.call.invite()
        try await attempt.fence()
        #expect(!attempt.call.unread.contains(.invite), attempt.ladder)
    }

    @Test("Redirections in a circle end")
    func redirectionLoop() async throws {
        let attempt = try scene().attempt()
        let contact = "<sip:\(attempt.number)@ims.example;user=phone>"
        attempt.call.whenInvited { $0.respond(302, headers: [.init("Contact", contact)]) }
        let response = try await attempt.post()
        #expect(response.outcome == "502 BAD_GATEWAY", attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.count { $0 == .invite } <= 6, attempt.ladder)
    }

    @Test("422 is answered with a longer interval on the same call")
    func sessionIntervalTooSmall() async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let first = try await attempt.call.invite()
        first.respond(422, headers: [.init("Min-SE", "3600")])
        let second = try await attempt.call.invite()
        #expect(second.message["Min-SE"]?.hasPrefix("3600") ?? false, attempt.ladder)
        if let expires = second.message["Session-Expires"]?.split(separator: ";").first.flatMap({ Int($0) }) {
            #expect(expires >= 3600, attempt.ladder)
        }
        #expect(second.message.callID == first.message.callID, "RFC 4028 §7.3; \(attempt.ladder)")
        #expect(second.message.cseq?.number ?? 0 > first.message.cseq?.number ?? 0, attempt.ladder)
        #expect(second.message.body == first.message.body)
        second.respond(200, sdp: SDP.answer(), headers: [.init("Session-Expires", "3600;refresher=uas")])
        let id = try await attempt.sessionID(of: reply)
        _ = try await attempt.call.request(.ack)
        // RFC 4028 §7.4: it holds for the dialog.
        async let held = attempt.put(id, ["status": "Hold"])
        let change = try await attempt.call.request(.invite) { $0.toTag != nil }
        #expect(change.message["Session-Expires"] == "3600;refresher=uas", attempt.ladder)
        #expect(change.message["Min-SE"] == "3600", attempt.ladder)
        change.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
        #expect(try await held.outcome == "200 Hold", attempt.ladder)
        _ = try await attempt.call.request(.ack)
    }

    @Test("A peer that always answers 422 is not asked for ever")
    func endless422() async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited { $0.respond(422, headers: [.init("Min-SE", "3600")]) }
        let response = try await attempt.post()
        #expect(response.outcome == "502 BAD_GATEWAY", attempt.ladder)
        try await attempt.fence()
        #expect(attempt.call.unread.count { $0 == .invite } <= 4, attempt.ladder)
    }

    @Test(
        "A challenge to a trunk without credentials is the operator's failure, never a 401",
        arguments: [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
    func challenge(code: Int, header: String) async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited {
            $0.respond(code, headers: [.init(header, "Digest realm=\"ims.example\", nonce=\"abc\", algorithm=MD5")])
        }
        let response = try await attempt.post()
        #expect(response.outcome == "502 BAD_GATEWAY", attempt.ladder)
    }
}

/// 380 Alternative Service (emergency.md §7), with no emergency trunk configured.
@Suite(.gateway(.standard)) struct AlternativeServiceTests {
    private static let emergency = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ims-3gpp version="1"><alternative-service><type>emergency</type><reason>112</reason>\
        </alternative-service></ims-3gpp>
        """

    @Test("From a trusted trunk and with the 3GPP body it is an emergency call, which nobody here takes")
    func believed() async throws {
        let attempt = try scene().attempt()
        attempt.call.whenInvited {
            $0.respond(
                380, body: Self.emergency,
                headers: [.init("Content-Type", "application/3gpp-ims+xml"), .init("Contact", "<urn:service:sos>")])
        }
        let response = try await attempt.post()
        #expect(response.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", attempt.ladder)
        #expect(response.json["message"]?.string == "Server does not support call type EMERGENCY.")
    }

    @Test(
        "Without that body, or from an untrusted trunk, it is a refusal",
        arguments: [
            ("+1", "", "text/plain"), ("+1", emergency, "text/xml"), ("+31", emergency, "application/3gpp-ims+xml"),
            (
                "+1", "<ims-3gpp><alternative-service><type>other</type></alternative-service></ims-3gpp>",
                "application/3gpp-ims+xml"
            ),
        ])
    func notBelieved(prefix: String, body: String, type: String) async throws {
        let attempt = try scene().attempt(prefix)
        attempt.call.whenInvited { $0.respond(380, body: body, headers: [.init("Content-Type", type)]) }
        let response = try await attempt.post()
        #expect(response.outcome == "502 BAD_GATEWAY", attempt.ladder)
    }

    @Test("After a 180 it ends the session as Failed")
    func afterRinging() async throws {
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.ring()
        invite.respond(380, body: Self.emergency, headers: [.init("Content-Type", "application/3gpp-ims+xml")])
        try await attempt.reaches("Failed", id)
    }
}
