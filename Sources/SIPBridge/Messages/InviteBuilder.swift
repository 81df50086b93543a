import CallCore

/// Writes the URIs and headers of an outgoing INVITE from validated parts; no raw text of the API gets through
/// (ims-headers design).
struct InviteBuilder {
    /// Host of From and P-Asserted-Identity.
    var domain: String

    /// The complete header values of one INVITE.
    struct Headers: Equatable {
        var requestURI: String
        var from: String
        var to: String
        var lines: String
        var supported: String
        var require: String?
    }

    func headers(
        for request: CallRequest, via trunk: Trunk, redirectUser: String?, tag: String, session: SessionIdentifier,
        chargingID: String, passed: String? = nil
    ) -> Headers {
        if let service = request.details?.service {
            return emergencyHeaders(
                for: request, service: service, via: trunk, tag: tag, session: session, chargingID: chargingID)
        }
        let target =
            redirectUser.flatMap { InviteBuilder.address(ofUser: $0, domain: trunk.domain) } ?? request.receiver
        let uri = InviteBuilder.uri(for: target, via: trunk)
        let isAnonymous = request.originator == .anonymous
        var lines = "P-Early-Media: supported\n"
        lines += session.line
        // RFC 7315 §4.6: a charging id for every call, told inside the trust domain only.
        if trunk.isTrusted { lines += "\nP-Charging-Vector: icid-value=\(chargingID);orig-ioi=\(domain)" }
        if trunk.isTrusted, let identity = request.identity {
            lines += "\nP-Asserted-Identity: <\(InviteBuilder.uri(of: identity, at: domain, via: trunk))>"
        }
        if isAnonymous { lines += "\nPrivacy: id" }
        if trunk.headers.namesService { lines += InviteBuilder.serviceLines }
        if let passed { lines += "\n\(passed)" }
        return Headers(
            requestURI: uri,
            from: "\(originator(of: request, via: trunk, isAnonymous: isAnonymous));tag=\(tag)",
            to: "<\(uri)>",
            lines: lines,
            supported: trunk.reliable1xx == .off ? "timer" : "100rel, timer",
            require: trunk.reliable1xx == .required ? "100rel" : nil)
    }

    /// The service of multimedia telephony, for a CSCF (TS 24.229 §5.1.3.1, TS 24.173 §5.1; RFC 6050 §4.2).
    static let serviceLines =
        "\nAccept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""
        + "\nP-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel"

    func originator(of request: CallRequest, via trunk: Trunk, isAnonymous: Bool) -> String {
        if isAnonymous { return "\"Anonymous\" <sip:anonymous@anonymous.invalid>" }
        let uri =
            switch request.originator {
            case .number(let number): InviteBuilder.uri(of: number, at: domain, via: trunk)
            case .local(let digits, let context):
                "sip:\(InviteBuilder.escapeUser(digits));phone-context=\(context)@\(domain);user=phone"
            case .uri(let user, _): "sip:\(user)@\(domain)"
            case .anonymous: "sip:anonymous@anonymous.invalid"
            }
        guard let name = request.originatorName, !name.isEmpty else { return "<\(uri)>" }
        return "\(InviteBuilder.quote(name)) <\(uri)>"
    }

    /// Request-URI and To for `address` on `trunk`.
    static func uri(for address: Address, via trunk: Trunk) -> String {
        switch address {
        case .number(let number):
            switch trunk.numberFormat {
            case .sipE164: uri(of: number, at: trunk.domain, via: trunk)
            case .tel: "tel:\(number.text)"
            }
        case .local(let digits, let context):
            switch trunk.numberFormat {
            case .sipE164: "sip:\(escapeUser(digits));phone-context=\(context)@\(trunk.domain);user=phone"
            case .tel: "tel:\(digits);phone-context=\(context)"
            }
        case .uri(let user, let host): "sip:\(user)@\(host)"
        case .anonymous: "sip:anonymous@anonymous.invalid"
        }
    }

    /// A SIP URI of a number as the trunk's peer writes it. One that is not global is no telephone-subscriber without a
    /// context (RFC 3966 §5.1.5), so nothing says that it is a telephone's.
    static func uri(of number: PhoneNumber, at domain: String, via trunk: Trunk) -> String {
        if let digits = trunk.national?.text(of: number) { return "sip:\(digits)@\(domain)" }
        return "sip:\(number.text)@\(domain);user=phone"
    }

    /// A redirection's user part, if it is one that CAMARA's own pattern would allow.
    private static func address(ofUser user: String, domain: String) -> Address? {
        if let number = PhoneNumber(user) { return .number(number) }
        guard case .uri(let user, _) = Address("sip:\(user)@redirect.invalid") else { return nil }
        return .uri(user: user, host: domain)
    }

    /// `#` is no user character (RFC 3261 §25.1).
    private static func escapeUser(_ digits: String) -> String {
        digits.contains("#")
            ? digits.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "%23")
            : digits
    }

    /// A quoted-string (RFC 3261 §25.1): quotes and backslashes escaped, control characters left out.
    static func quote(_ text: String) -> String {
        // Most names have nothing of either.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            return "\"\(text)\""
        }
        var result = "\""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7F {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
