extension WireMessage {
    /// The method of a request; of a response, the one in its CSeq.
    package var method: SIPMethod {
        if case .request(let method, _) = start { return method }
        return SIPMethod(cseq?.method ?? "")
    }

    /// The status of a response; nil for a request.
    package var status: Int? {
        if case .response(let status, _) = start { status } else { nil }
    }

    /// The Request-URI; nil for a response.
    package var requestURI: String? {
        if case .request(_, let uri) = start { uri } else { nil }
    }

    /// The user of the Request-URI without its parameters: the number that was dialled.
    package var dialled: String? { requestURI.flatMap(WireMessage.user) }

    /// The first value of a header field, whatever the case of its name.
    package subscript(_ name: String) -> String? {
        headers.first { $0.name.isSame(as: name) }?.value
    }

    /// Every value of a header field, one for each line of it.
    package func all(_ name: String) -> [String] {
        headers.filter { $0.name.isSame(as: name) }.map(\.value)
    }

    /// The comma-separated tokens of a header field, such as Supported or Allow.
    package func tokens(_ name: String) -> [String] {
        all(name).flatMap { $0.split(separator: ",") }.map(\.trimmed)
    }

    package var callID: String { self["Call-ID"] ?? "" }

    /// The number and the method of CSeq.
    package var cseq: (number: Int, method: String)? {
        let parts = (self["CSeq"] ?? "").split(separator: " ")
        guard parts.count == 2, let number = Int(parts[0]) else { return nil }
        return (number, String(parts[1]))
    }

    /// The transaction's id: the branch of the topmost Via.
    package var branch: String? { self["Via"].flatMap { WireMessage.parameter("branch", of: $0) } }

    package var fromTag: String? { self["From"].flatMap { WireMessage.parameter("tag", of: $0) } }

    package var toTag: String? { self["To"].flatMap { WireMessage.parameter("tag", of: $0) } }

    /// The URI in Contact.
    package var contactURI: String? { self["Contact"].flatMap(WireMessage.uri) }

    /// The proxies that asked to stay in the dialog this message began, in the order of the message (RFC 3261 §16.6).
    package var recordedRoutes: [String] { tokens("Record-Route") }

    /// The body as text.
    package var bodyText: String { String(decoding: body, as: UTF8.self) }

    /// One line for a ladder.
    package var summary: String {
        let cseq = self["CSeq"] ?? "no CSeq"
        let sdp = body.isEmpty ? "" : "  [\(body.count) bytes \(self["Content-Type"] ?? "of no type")]"
        let reason = self["Reason"].map { "  Reason: \($0)" } ?? ""
        let required = self["Require"].map { "  Require: \($0)" } ?? ""
        let tag = toTag.map { "  to-tag \($0)" } ?? ""
        return switch start {
        case .request(let method, let uri): "\(method) \(uri)  (\(cseq))\(tag)\(required)\(reason)\(sdp)"
        case .response(let status, let phrase): "\(status) \(phrase)  (\(cseq))\(tag)\(required)\(reason)\(sdp)"
        }
    }

    /// The URI of a name-addr or addr-spec (RFC 3261 §20.10): between the angle brackets, else up to the first `;`.
    package static func uri(of field: String) -> String? {
        guard let open = field.firstIndex(of: "<") else {
            return field.split(separator: ";").first.map(\.trimmed)
        }
        let rest = field[field.index(after: open)...]
        return rest.firstIndex(of: ">").map { String(rest[..<$0]) }
    }

    /// A parameter of the field itself, after the angle brackets if there are any.
    package static func parameter(_ name: String, of field: String) -> String? {
        let start = field.lastIndex(of: ">") ?? field.startIndex
        for part in field[start...].split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            if let key = pair.first, key.trimmed.isSame(as: name) { return pair.count > 1 ? pair[1].trimmed : "" }
        }
        return nil
    }

    /// The user of a sip or tel URI, without parameters.
    package static func user(of uri: String) -> String? {
        guard let colon = uri.firstIndex(of: ":") else { return nil }
        let rest = uri[uri.index(after: colon)...]
        let user = rest.firstIndex(of: "@").map { rest[..<$0] } ?? rest
        return user.split(separator: ";").first.map(String.init)
    }

    /// Host and port of a sip URI whose host is an IPv4 address.
    static func address(of uri: String) -> SocketAddress? {
        guard let colon = uri.firstIndex(of: ":") else { return nil }
        var rest = uri[uri.index(after: colon)...]
        if let at = rest.firstIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        rest = rest.prefix { $0 != ";" && $0 != "?" }
        let parts = rest.split(separator: ":")
        guard let host = parts.first, host.allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
        let port = parts.count > 1 ? UInt16(parts[1]) : 5060
        return port.map { SocketAddress(host: String(host), port: $0) }
    }
}
