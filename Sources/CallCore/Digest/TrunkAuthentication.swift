/// Digest authentication towards one trunk (RFC 3261 §22, RFC 7616, RFC 8760). Once one of its proxies has asked (407), every
/// request carries credentials for it. What the other end has asked for (401) is its own alone (§22.2): its nonces are with the
/// call, and another that is called has no use for them but to find out who calls.
public struct TrunkAuthentication: Sendable {
    private let credentials: DigestCredentials
    private var proxies = DigestSessions()

    /// Takes every value as given.
    public init(_ credentials: DigestCredentials) {
        self.credentials = credentials
    }

    /// The header lines that a request is sent with, LF between them; nil where no realm has asked yet. `uri` is the
    /// Request-URI. Every call counts as a request.
    /// - Parameter end: what the other end has asked for.
    public mutating func lines(
        method: String, uri: String, body: String, in exchange: inout DigestExchange, _ end: inout DigestSessions
    ) -> String? {
        let theirs = proxies.lines(method: method, uri: uri, body: body, in: &exchange)
        guard let own = end.lines(method: method, uri: uri, body: body, in: &exchange) else { return theirs }
        return theirs.map { "\($0)\n\(own)" } ?? own
    }

    /// Takes the challenges of a 401 or 407. Whether the request is to be sent again, with the ``lines(method:uri:body:in:_:)``
    /// that there are from now on; if not, the credentials are refused, or none fit.
    public mutating func takes(
        _ challenges: [DigestChallenge], in exchange: inout DigestExchange, _ end: inout DigestSessions,
        cnonce: () -> String
    ) -> Bool {
        let answerable = DigestChallenge.best(of: challenges.filter { credentials.areFor($0.space.realm) })
        guard !answerable.isEmpty else { return false }
        for challenge in answerable {
            let isTaken =
                challenge.space.isProxy
                ? proxies.take(challenge, credentials, in: &exchange, cnonce: cnonce)
                : end.take(challenge, credentials, in: &exchange, cnonce: cnonce)
            guard isTaken else { return false }
        }
        return true
    }

    /// Takes an Authentication-Info, or Proxy-Authentication-Info, of the response to a request: the nonce for the next one.
    public mutating func takes(
        info: String, isProxy: Bool, in exchange: DigestExchange, _ end: inout DigestSessions
    ) {
        if isProxy { proxies.renew(info, in: exchange) } else { end.renew(info, in: exchange) }
    }

    /// What the operator has to know where none of the challenges is of the realm that the credentials are for; nil where
    /// one is, or there are none.
    public func alarm(ofForeign challenges: [DigestChallenge]) -> String? {
        guard let first = challenges.first, !challenges.contains(where: { credentials.areFor($0.space.realm) })
        else { return nil }
        var realm = ""
        // Who is called may have chosen it.
        for character in first.space.realm.prefix(TrunkAuthentication.maximumShown) {
            realm += character.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
        }
        return "realm \"\(realm)\" asks for credentials, which are for another; if it is the carrier's, set auth.realm"
    }

    /// Characters of a strange realm in an alarm.
    private static let maximumShown = 64
}
