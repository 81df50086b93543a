import CSofiaSIP

/// A request outside any dialog, reduced to what decides its answer. Sofia lets through what it can read; what must not be
/// acted upon is refused here (RFC 3261 §8.2).
struct StrayRequest {
    var method: csip_method
    var scheme: String?
    var hasToTag: Bool
    var unsupportedOption: String?
    var contentType: String?
    var hasBody: Bool
    var hasContact: Bool
    var isTrunk: Bool

    struct Answer: Equatable {
        var status: Int
        var headers: String?
    }

    init(
        method: csip_method, scheme: String? = "sip", hasToTag: Bool = false, unsupportedOption: String? = nil,
        contentType: String? = nil, hasBody: Bool = false, hasContact: Bool = true, isTrunk: Bool = true
    ) {
        self.method = method
        self.scheme = scheme
        self.hasToTag = hasToTag
        self.unsupportedOption = unsupportedOption
        self.contentType = contentType
        self.hasBody = hasBody
        self.hasContact = hasContact
        self.isTrunk = isTrunk
    }

    init(_ raw: csip_request, isTrunk: Bool) {
        self.init(
            method: raw.method, scheme: raw.uri_scheme.map { String(cString: $0) }, hasToTag: raw.to_tag != nil,
            unsupportedOption: raw.unsupported_option.map { String(cString: $0) },
            contentType: raw.content_type.map { String(cString: $0) }, hasBody: raw.body_length > 0,
            hasContact: raw.has_contact, isTrunk: isTrunk)
    }

    /// Methods the stack knows by name.
    static func isKnown(_ method: csip_method) -> Bool { method != CSIP_OTHER }

    /// Nil for an INVITE that may become a call.
    var answer: Answer? {
        // RFC 3261 §12.2.2: a To tag without a dialog. Told to strangers too; it gives nothing away.
        if hasToTag, method != CSIP_OPTIONS { return Answer(status: 481) }
        guard isTrunk else { return Answer(status: 403) }
        switch method {
        case CSIP_CANCEL, CSIP_PRACK, CSIP_BYE, CSIP_UPDATE: return Answer(status: 481)
        case CSIP_OPTIONS, CSIP_INVITE: break
        case CSIP_OTHER: return Answer(status: 501)
        default: return Answer(status: 405)
        }
        guard let scheme = scheme?.lowercased(), ["sip", "sips", "tel"].contains(scheme) else {
            return Answer(status: 416)
        }
        if let option = unsupportedOption, StrayRequest.isToken(option) {
            return Answer(status: 420, headers: "Unsupported: \(option)")
        }
        if unsupportedOption != nil { return Answer(status: 400) }
        if method == CSIP_OPTIONS { return Answer(status: 200) }
        if !hasContact { return Answer(status: 400) }
        if hasBody {
            let type = contentType?.lowercased() ?? ""
            guard type == "application/sdp" else { return Answer(status: 415) }
        }
        return nil
    }

    /// RFC 3261 §25.1; the option came from outside and goes into a header.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "-.!%*_+`'~".utf8.contains(byte)
                }
            }
    }
}
