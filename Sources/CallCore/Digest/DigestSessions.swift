/// Nonces that servers have given, one of each realm, the newest last.
public struct DigestSessions: Sendable {
    private var all: [DigestSession] = []

    /// None yet.
    public init() {}

    /// The header lines for one request, LF between them; nil where there are none.
    mutating func lines(
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

    /// Takes the nonce for the next request, which names no realm: it counts only where one alone has asked.
    mutating func renew(_ info: String, in exchange: DigestExchange) {
        guard all.count == 1, exchange.used(all[0].challenge),
            let nonce = AuthenticationFields.parameters(info)["nextnonce"], !nonce.isEmpty, nonce.utf8.count <= 1_024
        else { return }
        all[0].renew(nonce: nonce)
    }
}
