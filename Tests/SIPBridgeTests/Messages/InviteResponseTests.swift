import CSofiaSIP
import CallCore
import Testing

@testable import SIPBridge

/// What is taken out of the stack's memory, and what is not believed.
@Suite("Responses from the stack")
struct InviteResponseTests {
    private static let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
    private static let emergency =
        "<ims-3gpp><alternative-service><type>emergency</type></alternative-service></ims-3gpp>"

    private func read(
        _ status: Int32, type: String? = nil, body: String? = nil, isTrusted: Bool = true
    ) -> InviteResponse {
        read(status, type: type, body: body, isTrusted: isTrusted) { _, _ in }
    }

    /// Reads a response that `edit` made, with strings that live as long as the reading.
    private func read(
        _ status: Int32, type: String? = nil, body: String? = nil, isTrusted: Bool = true,
        emergency: (String) -> String? = { _ in nil }, passes: TrunkHeaders.Passed = [],
        resolve: (String, UInt16?, Bool) -> Int? = { _, _, _ in nil },
        _ edit: (inout csip_response, Strings) -> Void
    ) -> InviteResponse {
        let strings = Strings()
        let bytes = Array((body ?? "").utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            let phrase = strings.hold("Phrase")
            let contact = csip_contact(scheme: nil, user: nil, host: nil, port: nil, urn: nil)
            let reason = csip_reason(protocol: nil, cause: 0)
            let challenge = csip_challenge(is_proxy: false, text: phrase)
            var raw = csip_response(
                method: CSIP_INVITE, status: status, phrase: phrase, is_internal: false, to_tag: strings.hold("tag"),
                rseq: 0, requires_100rel: false, cseq: 42, body: body == nil ? nil : buffer.baseAddress,
                body_length: buffer.count, content_type: type.map(strings.hold), has_contact: false,
                contacts: (contact, contact, contact, contact, contact, contact, contact, contact), contact_count: 0,
                reasons: (reason, reason, reason, reason), reason_count: 0, reason_text: nil, retry_after: 0,
                min_se: 0, session_expires: 0, refresher_is_uac: false, allows_update: false,
                challenges: (
                    challenge, challenge, challenge, challenge, challenge, challenge, challenge, challenge
                ), challenge_count: 0, authentication_info: nil, proxy_authentication_info: nil,
                early_media: nil, session_id: nil, history_info: nil, diversion: nil,
                message: UnsafeRawPointer(phrase))
            edit(&raw, strings)
            return withExtendedLifetime(strings) {
                InviteResponse(
                    raw, isTrusted: isTrusted, emergency: emergency, passes: { _ in passes }, resolve: resolve)
            }
        }
    }

    @Test func tryingIsReadForItsStatusAlone() {
        #expect(read(100) == InviteResponse(status: 100, cseq: 42))
    }

    @Test func plainFields() {
        let response = read(486) { raw, _ in
            raw.retry_after = 30
            raw.session_expires = 1800
            raw.min_se = 90
            raw.refresher_is_uac = true
            raw.allows_update = true
        }
        #expect(
            response
                == InviteResponse(
                    status: 486, phrase: "Phrase", toTag: "tag", cseq: 42, retryAfter: 30, minSE: 90,
                    sessionExpires: 1800, refresherIsUAC: true, allowsUpdate: true))
        #expect(read(486).retryAfter == nil)
        #expect(read(408) { raw, _ in raw.is_internal = true }.isInternal)
    }

    /// Emergency 2: such a call is never sent as an ordinary one.
    @Test func aRedirectionToAnEmergencyNumberIsNone() {
        let response = read(
            302, emergency: { $0 == "sip:112@redirect.invalid" ? "sos" : nil }, resolve: { _, _, _ in 0 }
        ) { raw, strings in
            raw.contacts.0 = csip_contact(
                scheme: strings.hold("sip"), user: strings.hold("112"), host: strings.hold("ims.example"), port: nil,
                urn: nil)
            raw.contact_count = 1
        }
        #expect(response.redirect == nil)
        #expect(response.asksForEmergency)
        #expect(response.emergency?.service == "sos")
    }

    /// Emergency 7: the Contact's URN if it is an emergency service, else the general one.
    @Test(
        arguments: [
            ("urn:service:sos.fire", "sos.fire"), ("urn:service:counseling", "sos"), (nil, "sos"), ("x", "sos"),
        ] as [(String?, String)])
    func theServiceOfAnAlternative(urn: String?, expected: String) {
        let response = read(
            380, type: "application/3gpp-ims+xml", body: Self.emergency,
            emergency: { $0.hasPrefix("urn:service:sos") ? String($0.dropFirst(12)) : nil }
        ) { raw, strings in
            raw.contacts.1 = contact(strings, user: nil, host: "ims.example")
            raw.contacts.1.urn = urn.map(strings.hold)
            raw.contact_count = 2
        }
        #expect(response.emergency?.service == expected)
    }

    /// Where a Contact is not followed, it asks for nothing (emergency 7: 380 by its body, from a trusted trunk).
    @Test(arguments: [(300, true), (301, true), (302, true), (303, false), (305, false), (380, false), (486, false)])
    func aContactCountsWhereItIsFollowed(status: Int32, expected: Bool) {
        let response = read(
            status, isTrusted: false, emergency: { $0 == "sip:112@redirect.invalid" ? "sos" : nil },
            resolve: { _, _, _ in 0 }
        ) {
            raw, strings in
            raw.contacts.0 = contact(strings, user: "112", host: "ims.example")
            raw.contact_count = 1
        }
        #expect(response.asksForEmergency == expected)
    }

    /// RFC 3262 §4: RSeq without Require: 100rel makes nothing reliable, nor the other way round.
    @Test(arguments: [(7, true, 7), (7, false, nil), (0, true, nil)] as [(UInt32, Bool, UInt32?)])
    func reliability(rseq: UInt32, isRequired: Bool, expected: UInt32?) {
        let response = read(183) { raw, _ in
            raw.rseq = rseq
            raw.requires_100rel = isRequired
        }
        #expect(response.rseq == expected)
    }

    @Test(arguments: [
        ("application/sdp", sdp, true), ("Application/SDP", sdp, true), ("text/plain", sdp, false),
        ("application/sdp", "not sdp", false), ("application/sdp", "", false), (nil, sdp, false),
    ])
    func mediaDescriptions(type: String?, body: String, isRead: Bool) {
        #expect(read(200, type: type, body: body).sdp?.text == (isRead ? body : nil))
    }

    @Test func reasons() {
        let response = read(500) { raw, strings in
            raw.reason_text = strings.hold("SIP;cause=500")
            raw.reasons.0 = csip_reason(protocol: strings.hold("SIP"), cause: 500)
            raw.reasons.1 = csip_reason(protocol: strings.hold("q.850"), cause: 17)
            raw.reasons.2 = csip_reason(protocol: strings.hold("Q.850"), cause: 34)
            raw.reason_count = 3
        }
        #expect(response.reason == "SIP;cause=500")
        #expect(response.q850 == 17, "the first Q.850 value")
        let uncounted = read(500) { raw, strings in
            raw.reasons.0 = csip_reason(protocol: strings.hold("Q.850"), cause: 17)
        }
        #expect(uncounted.q850 == nil)
    }

    // MARK: - Redirections

    @Test func theFirstContactOfATrunkIsTaken() {
        let response = read(302, resolve: { host, port, _ in host == "known.example" ? Int(port ?? 0) : nil }) {
            raw, strings in
            raw.contacts.0 = contact(strings, user: "a", host: "elsewhere.example")
            raw.contacts.1 = contact(strings, scheme: "tel", user: "b", host: "known.example")
            raw.contacts.2 = contact(strings, user: nil, host: "known.example")
            raw.contacts.3 = contact(strings, user: "c", host: "known.example", port: "5070")
            raw.contacts.4 = contact(strings, user: "d", host: "known.example")
            raw.contact_count = 5
        }
        #expect(response.redirect == Redirect(trunk: 5070, user: "c"))
    }

    /// RFC 3261 §26.2.2: nothing but TLS may lead to a `sips:` URI.
    @Test(arguments: ["sips", "SIPS"])
    func sipsIsNotFollowedInClear(scheme: String) {
        let response = read(302, resolve: { host, _, isSecure in isSecure ? nil : 7 }) { raw, strings in
            raw.contacts.0 = contact(strings, scheme: scheme, user: "a", host: "known.example")
            raw.contacts.1 = contact(strings, user: "b", host: "known.example")
            raw.contact_count = 2
        }
        #expect(response.redirect == Redirect(trunk: 7, user: "b"))
    }

    @Test func contactsCountInRedirectionsOnly() {
        for status: Int32 in [180, 200, 404, 485] {
            let response = read(status, resolve: { _, _, _ in 0 }) { raw, strings in
                raw.contacts.0 = contact(strings, user: "a", host: "known.example")
                raw.contact_count = 1
            }
            #expect(response.redirect == nil)
        }
    }

    @Test(
        arguments: [
            (380, "application/3gpp-ims+xml", true, true), (380, "Application/3GPP-IMS+XML", true, true),
            (380, "application/3gpp-ims+xml", false, false), (380, "text/xml", true, false), (380, nil, true, false),
            (302, "application/3gpp-ims+xml", true, false),
        ] as [(Int32, String?, Bool, Bool)])
    func alternativeService(status: Int32, type: String?, isTrusted: Bool, expected: Bool) {
        let response = read(status, type: type, body: Self.emergency, isTrusted: isTrusted)
        #expect(response.asksForEmergency == expected)
    }

    // MARK: - What is passed on (ims-headers design)

    private func redirection(
        isTrusted: Bool = true, _ passes: TrunkHeaders.Passed, history: String? = nil, diversion: String? = nil
    ) -> String? {
        read(302, isTrusted: isTrusted, passes: passes, resolve: { _, _, _ in 0 }) { raw, strings in
            raw.contacts.0 = contact(strings, user: "a", host: "known.example")
            raw.contact_count = 1
            raw.history_info = history.map(strings.hold)
            raw.diversion = diversion.map(strings.hold)
        }.redirect?.headers
    }

    @Test func theTrunkSaysWhatIsPassedOn() {
        let (history, diversion) = ("<sip:a@b.example>;index=1", "<tel:+4930>;reason=no-answer")
        let both: TrunkHeaders.Passed = [.historyInfo, .diversion]
        #expect(
            redirection(both, history: history, diversion: diversion)
                == "History-Info: \(history)\nDiversion: \(diversion)")
        #expect(redirection(.diversion, history: history, diversion: diversion) == "Diversion: \(diversion)")
        #expect(redirection(.historyInfo, history: history, diversion: diversion) == "History-Info: \(history)")
        #expect(redirection([], history: history, diversion: diversion) == nil)
        #expect(redirection(both) == nil)
        #expect(redirection(isTrusted: false, both, history: history, diversion: diversion) == nil)
    }

    @Test(arguments: ["a\nVia: x", "a\r\nVia: x", "a\u{1}", "", String(repeating: "a", count: 2_049)])
    func whatCouldEndALineIsNot(value: String) {
        #expect(redirection(.diversion, diversion: value) == nil)
    }

    @Test(
        arguments: [
            ("sendrecv", .played), ("sendonly", .played), ("SendRecv, gated", .played), ("inactive", .silent),
            ("recvonly", .silent), ("inactive, sendonly;x=1", .played), ("supported", nil), ("", nil),
        ] as [(String, EarlyMedia?)])
    func earlyMedia(value: String, expected: EarlyMedia?) {
        #expect(read(183) { raw, strings in raw.early_media = strings.hold(value) }.earlyMedia == expected)
        let untrusted = read(183, isTrusted: false) { raw, strings in raw.early_media = strings.hold(value) }
        #expect(untrusted.earlyMedia == nil, "RFC 5009 §8: of a trust domain")
    }

    private func contact(
        _ strings: Strings, scheme: String = "sip", user: String?, host: String, port: String? = nil
    ) -> csip_contact {
        csip_contact(
            scheme: strings.hold(scheme), user: user.map(strings.hold), host: strings.hold(host),
            port: port.map(strings.hold), urn: nil)
    }

    /// C strings that are freed with it.
    private final class Strings {
        private var held: [UnsafeMutableBufferPointer<CChar>] = []

        func hold(_ text: String) -> UnsafePointer<CChar> {
            let copy = text.withCString { source in
                let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
                for index in buffer.indices { buffer[index] = source[index] }
                return buffer
            }
            held.append(copy)
            guard let base = copy.baseAddress else { preconditionFailure("a buffer of at least one byte") }
            return UnsafePointer(base)
        }

        deinit { for buffer in held { buffer.deallocate() } }
    }
}
