/// Nonces that servers have given, one of each realm of proxies (407) and of other ends (401), the newest last.
public struct DigestSessions: Sendable {
    private var all: [DigestSession] = []

    /// None yet.
    public init() {}

    /// The header lines that a request is sent with, LF between them; nil where no realm has asked yet. `uri` is the
    /// Request-URI. Every call counts as a request.
    public mutating func lines(
        method: String, uri: String, body: String, in exchange: inout DigestExchange
    ) -> String? {
        var lines: String?
        for index in all.indices {
            guard let line = all[index].line(method: method, uri: uri, body: body) else { continue }
            exchange.note(all[index].challenge)
            lines = lines.map { "\($0)\n\(line)" } ?? line
        }
        return lines
    }

    /// Takes the nonce of a challenge in place of the one before; false where it is not to be answered.
    mutating func take(
        _ challenge: DigestChallenge, _ credentials: DigestCredentials, in exchange: inout DigestExchange,
        cnonce: () -> String
    ) -> Bool {
        all.removeAll { $0.challenge.space == challenge.space }
        guard exchange.counts(challenge), let session = DigestSession(challenge, credentials, cnonce: cnonce())
        else { return false }
        // A trunk whose realms change makes room for those that it asks for now.
        if all.count >= DigestExchange.maximumSpaces { all.removeFirst() }
        all.append(session)
        return true
    }

    /// Takes an Authentication-Info, or Proxy-Authentication-Info, of the response to a request: the nonce for the next one.
    /// It names no realm, so that it counts only where one alone has asked.
    public mutating func renew(_ info: String, isProxy: Bool, in exchange: DigestExchange) {
        let asked = all.indices.filter { all[$0].challenge.space.isProxy == isProxy }
        guard asked.count == 1, exchange.used(all[asked[0]].challenge),
            let nonce = AuthenticationFields.parameters(info)["nextnonce"], !nonce.isEmpty, nonce.utf8.count <= 1_024
        else { return }
        all[asked[0]].renew(nonce: nonce)
    }
}
