/// Digest authentication towards one trunk (RFC 3261 §22, RFC 7616, RFC 8760): which challenges are answered. The nonces are
/// with whoever was asked for credentials, a call or the registrations of an account: whoever is called can ask as a proxy
/// does, so that what one call was asked for, by 401 or 407, is for its own requests alone. Another that is called has no use
/// for it but to find out who calls.
public struct TrunkAuthentication: Sendable {
    private let credentials: DigestCredentials

    /// Takes every value as given.
    public init(_ credentials: DigestCredentials) { self.credentials = credentials }

    /// Takes the challenges of a 401 or 407. Whether the request is to be sent again, with the
    /// ``DigestSessions/lines(method:uri:body:in:)`` that there are from now on; if not, the credentials are refused, or none
    /// fit.
    public func takes(
        _ challenges: [DigestChallenge], in exchange: inout DigestExchange, _ nonces: inout DigestSessions,
        cnonce: () -> String
    ) -> Bool {
        let answerable = DigestChallenge.best(of: challenges.filter { credentials.areFor($0.realm) })
        guard !answerable.isEmpty else { return false }
        for challenge in answerable {
            guard nonces.take(challenge, credentials, in: &exchange, cnonce: cnonce) else { return false }
        }
        return true
    }

    /// What the operator has to know where none of the challenges is of the realm that the credentials are for; nil where
    /// one is, or there are none.
    public func alarm(ofForeign challenges: [DigestChallenge]) -> String? {
        guard let first = challenges.first, !challenges.contains(where: { credentials.areFor($0.realm) })
        else { return nil }
        var realm = ""
        // Who is called may have chosen it. Not by characters: any number of marks may be combined in one.
        for scalar in first.realm.unicodeScalars {
            let shown = scalar.escaped(asASCII: true)
            guard realm.utf8.count + shown.utf8.count <= TrunkAuthentication.maximumShown else { break }
            realm += shown
        }
        return "realm \"\(realm)\" asks for credentials, which are for another; if it is the carrier's, set auth.realm"
    }

    /// Bytes of a strange realm in an alarm, as written there.
    private static let maximumShown = 128
}
