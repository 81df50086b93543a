/// Digest authentication towards one trunk (RFC 3261 §22, RFC 7616, RFC 8760): the nonces it has given, by realm. Once a
/// realm has asked, every request carries credentials for it.
public struct TrunkAuthentication: Sendable {
    private let credentials: DigestCredentials
    private var sessions: [DigestSession] = []

    /// Takes every value as given.
    public init(_ credentials: DigestCredentials) {
        self.credentials = credentials
    }

    /// The header lines that a request is sent with, LF between them; nil where no realm has asked yet. `uri` is the
    /// Request-URI. Every call counts as a request.
    public mutating func lines(
        method: String, uri: String, body: String, in exchange: inout DigestExchange
    ) -> String? {
        var lines: String?
        for index in sessions.indices {
            guard let line = sessions[index].line(method: method, uri: uri, body: body) else { continue }
            exchange.note(sessions[index].challenge)
            lines = lines.map { "\($0)\n\(line)" } ?? line
        }
        return lines
    }

    /// Takes the challenges of a 401 or 407. Whether the request is to be sent again, with the ``lines(method:uri:body:in:)``
    /// that there are from now on; if not, the credentials are refused, or none fit.
    public mutating func takes(
        _ challenges: [DigestChallenge], in exchange: inout DigestExchange, cnonce: () -> String
    ) -> Bool {
        let answerable = DigestChallenge.best(
            of: challenges.filter { credentials.realm == nil || credentials.realm == $0.space.realm })
        guard !answerable.isEmpty else { return false }
        for challenge in answerable {
            forget(challenge.space)
            guard exchange.counts(challenge), let session = DigestSession(challenge, credentials, cnonce: cnonce())
            else { return false }
            // A trunk whose realms change makes room for those that it asks for now.
            if sessions.count >= DigestExchange.maximumSpaces { sessions.removeFirst() }
            sessions.append(session)
        }
        return true
    }

    /// Takes an Authentication-Info, or Proxy-Authentication-Info, of the response to a request: the nonce for the next one.
    /// It names no realm, so it counts only where one alone has asked.
    public mutating func takes(info: String, isProxy: Bool, in exchange: DigestExchange) {
        let candidates = sessions.indices.filter { sessions[$0].challenge.space.isProxy == isProxy }
        guard candidates.count == 1, exchange.used(sessions[candidates[0]].challenge),
            let nonce = AuthenticationFields.parameters(info)["nextnonce"], !nonce.isEmpty, nonce.utf8.count <= 1_024
        else { return }
        sessions[candidates[0]].renew(nonce: nonce)
    }

    private mutating func forget(_ space: DigestChallenge.Space) {
        sessions.removeAll { $0.challenge.space == space }
    }
}
