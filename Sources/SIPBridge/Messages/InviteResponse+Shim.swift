import CSofiaSIP
import CallCore

extension InviteResponse {
    /// Takes a response out of the stack's memory. `resolve` tells which trunk a host of a redirection belongs to; `isSecure`:
    /// nothing but TLS may lead there (RFC 3261 §26.2.2).
    init(
        _ raw: borrowing csip_response, isTrusted: Bool,
        emergency service: (_ receiver: String) -> String? = { _ in nil },
        passes: (_ trunk: Int) -> TrunkHeaders.Passed = { _ in [] },
        resolve: (_ host: String, _ port: UInt16?, _ isSecure: Bool) -> Int?
    ) {
        self.init(status: Int(raw.status))
        isInternal = raw.is_internal
        cseq = raw.cseq
        if raw.status == 100 { return }
        phrase = String(cString: raw.phrase)
        toTag = raw.to_tag.map { String(cString: $0) }
        // RFC 3262 §4: reliable only with both Require: 100rel and RSeq.
        if raw.rseq > 0, raw.requires_100rel { rseq = raw.rseq }
        sdp = InviteResponse.sdp(raw)
        if raw.reason_count > 0 {
            reason = raw.reason_text.map { String(cString: $0) }
            q850 = InviteResponse.q850(raw.reasons, count: raw.reason_count)
        }
        if raw.retry_after > 0 { retryAfter = Int(raw.retry_after) }
        if raw.min_se > 0 { minSE = raw.min_se }
        if raw.session_expires > 0 { sessionExpires = raw.session_expires }
        refresherIsUAC = raw.refresher_is_uac
        allowsUpdate = raw.allows_update
        if isTrusted { earlyMedia = raw.early_media.flatMap { EarlyMedia(String(cString: $0)) } }
        if (300..<400).contains(raw.status) {
            readContacts(raw, isTrusted: isTrusted, service: service, resolve: resolve)
            // What an untrusted network tells of a call's way is not told to others in our name.
            if isTrusted, let trunk = redirect?.trunk {
                redirect?.headers = PassedHeaders.lines(of: raw, passes(trunk))
            }
        }
    }

    private mutating func readContacts(
        _ raw: borrowing csip_response, isTrusted: Bool, service: (_ receiver: String) -> String?,
        resolve: (_ host: String, _ port: UInt16?, _ isSecure: Bool) -> Int?
    ) {
        let contacts = withUnsafeBytes(of: raw.contacts) { Array($0.bindMemory(to: csip_contact.self)) }
        // Only these send a call somewhere else; what another response names is not followed.
        for contact in contacts.prefix((300...302).contains(raw.status) ? raw.contact_count : 0) {
            guard let scheme = contact.scheme.map({ String(cString: $0).lowercased() }),
                ["sip", "sips"].contains(scheme), let host = contact.host, let user = contact.user,
                let trunk = resolve(
                    String(cString: host), contact.port.flatMap { UInt16(String(cString: $0)) }, scheme == "sips")
            else { continue }
            if let service = service("sip:\(String(cString: user))@redirect.invalid") {
                // What the network wants is an emergency call: never to be sent as an ordinary one (emergency 2).
                asksForEmergency = true
                emergency = EmergencyTarget(service: service, choices: [])
            } else {
                redirect = Redirect(trunk: trunk, user: String(cString: user))
            }
            break
        }
        // TS 24.229 §5.1.3.1: only with this body, and only from a network we trust.
        if raw.status == 380, isTrusted, let type = raw.content_type, let body = raw.body,
            String(cString: type).lowercased() == "application/3gpp-ims+xml"
        {
            let text = String(decoding: UnsafeBufferPointer(start: body, count: raw.body_length), as: UTF8.self)
            asksForEmergency = AlternativeService.asksForEmergency(text)
            // RFC 5031's services alone are followed; anything else in Contact leaves the general one.
            let urns = contacts.prefix(raw.contact_count).compactMap { contact in
                contact.urn.flatMap { service(String(cString: $0)) }
            }
            if asksForEmergency { emergency = EmergencyTarget(service: urns.first ?? "sos", choices: []) }
        }
    }

    private static func sdp(_ raw: borrowing csip_response) -> SessionDescription? {
        guard let body = raw.body, raw.body_length > 0, raw.body_length <= SessionDescription.maximumBytes,
            let type = raw.content_type, String(cString: type).lowercased() == "application/sdp"
        else { return nil }
        let text = String(decoding: UnsafeBufferPointer(start: body, count: raw.body_length), as: UTF8.self)
        return try? SessionDescription(text)
    }

    /// The cause of the first Q.850 value.
    static func q850(
        _ reasons: (csip_reason, csip_reason, csip_reason, csip_reason), count: Int
    ) -> Int? {
        let values = [reasons.0, reasons.1, reasons.2, reasons.3].prefix(count)
        return values.first { reason in
            reason.protocol.map { String(cString: $0).uppercased() == "Q.850" } ?? false
        }.map { Int($0.cause) }
    }
}

/// The body of a 380 that may turn a call into an emergency call (TS 24.229 §7.6; emergency design 7).
enum AlternativeService {
    /// Whether `<alternative-service>` holds `<type>emergency</type>`. The document is small and of one known shape, so it
    /// is searched, not parsed; a namespace prefix on the elements is allowed for.
    static func asksForEmergency(_ xml: String) -> Bool {
        guard xml.utf8.count <= 16_384 else { return false }
        let compact = xml.unicodeScalars.filter { !$0.properties.isWhitespace }
        let text = String(String.UnicodeScalarView(compact)).lowercased()
        guard let service = text.range(of: "alternative-service>") else { return false }
        let rest = text[service.upperBound...]
        guard let type = rest.range(of: "type>emergency</") else { return false }
        guard let end = rest.range(of: "alternative-service>") else { return false }
        return type.lowerBound < end.lowerBound
    }
}
