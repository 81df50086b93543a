/// Header lines a response needs besides those that every response has.
enum ResponseHeaders {
    /// Lines for a response of `status` to an INVITE, LF between them; nil: none.
    /// - Parameter host: where the endpoint listens, as `host:port`, for a redirection's Contact.
    static func lines(status: Int, number: String, host: String) -> String? {
        switch status {
        case 300, 301, 302:
            // To the number that answers, on the same endpoint.
            guard SIPText.isNumber(number), number.utf8.count > 3 else { return nil }
            return "Contact: <sip:\(number.dropLast(3))200@\(host)>"
        // No password is known here, so no answer to the challenge is ever right (RFC 3261 §22).
        case 401: return "WWW-Authenticate: Digest realm=\"endpoint\", nonce=\"0\", algorithm=MD5, qop=\"auth\""
        case 407: return "Proxy-Authenticate: Digest realm=\"endpoint\", nonce=\"0\", algorithm=MD5, qop=\"auth\""
        case 421: return "Require: 100rel"
        case 422: return "Min-SE: 90"
        case 423: return "Min-Expires: 60"
        case 503: return "Retry-After: 5"
        default: return nil
        }
    }

    /// Session-Expires of a 2xx (RFC 4028 §9): the interval the peer asked for, which the peer refreshes.
    static func sessionTimer(expires: UInt32, isSupported: Bool) -> String? {
        guard expires > 0, isSupported else { return nil }
        return "Session-Expires: \(expires);refresher=uac\nRequire: timer"
    }
}
