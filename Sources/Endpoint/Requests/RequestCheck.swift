import CSofiaSIP

/// Whether a request outside any dialog is one the endpoint acts on (RFC 3261 §8.2). Sofia lets through what it can read;
/// what must not be acted upon is refused here.
struct RequestCheck {
    enum Verdict: Equatable {
        /// An INVITE that becomes a call.
        case call
        case reply(Int, headers: String? = nil)
    }

    var method: csip_method
    var scheme: String? = "sip"
    var hasToTag = false
    var unsupportedOption: String?
    var contentType: String?
    var hasBody = false
    var hasContact = true

    var verdict: Verdict {
        if hasToTag, method != CSIP_OPTIONS { return .reply(481) }
        switch method {
        case CSIP_INVITE, CSIP_OPTIONS: break
        case CSIP_BYE, CSIP_CANCEL, CSIP_PRACK, CSIP_UPDATE: return .reply(481)
        case CSIP_OTHER: return .reply(501)
        default: return .reply(405)
        }
        guard let scheme = scheme?.lowercased(), ["sip", "sips", "tel"].contains(scheme) else { return .reply(416) }
        if let unsupportedOption {
            // It came from outside and goes into a header.
            guard SIPText.isToken(unsupportedOption) else { return .reply(400) }
            return .reply(420, headers: "Unsupported: \(unsupportedOption)")
        }
        if method == CSIP_OPTIONS { return .reply(200) }
        guard hasContact else { return .reply(400) }
        if hasBody, !isDescription { return .reply(415) }
        return .call
    }

    /// Whether the body says that it is SDP.
    var isDescription: Bool { contentType?.lowercased() == "application/sdp" }
}

extension RequestCheck {
    init(_ request: csip_request) {
        self.init(
            method: request.method, scheme: request.uri_scheme.map { String(cString: $0) },
            hasToTag: request.to_tag != nil,
            unsupportedOption: request.unsupported_option.map { String(cString: $0) },
            contentType: request.content_type.map { String(cString: $0) }, hasBody: request.body_length > 0,
            hasContact: request.has_contact)
    }
}
