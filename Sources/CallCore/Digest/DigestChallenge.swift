/// What a server asks for (RFC 7616 §3.3), as far as we can answer it.
public struct DigestChallenge: Sendable, Hashable {
    /// How much of a request the answer covers.
    enum Protection: Sendable, Hashable {
        /// As before there was a qop (RFC 2069).
        case none
        case auth
        /// With the body.
        case authInt
    }

    /// What one set of credentials is for.
    struct Space: Sendable, Hashable {
        /// In lower case: it is one however it is written.
        var realm: String
        /// Asked for by a proxy (407), else by the other end (401).
        var isProxy: Bool
    }

    var space: Space
    /// As the server writes it, which is what goes into the hash.
    var realm: String
    var nonce: String
    var opaque: String?
    var algorithm: DigestAlgorithm
    /// The algorithm was named, and is so in the answer.
    var namesAlgorithm: Bool
    /// The `-sess` variant: the key depends on the nonces.
    var isSession: Bool
    var protection: Protection
    /// The password was right, and only the nonce is too old.
    var isStale: Bool

    private static let maximumValue = 1_024

    /// Nil where it is no digest challenge, or one that we cannot answer.
    init?(_ challenge: AuthenticationFields.Challenge, isProxy: Bool) {
        let parameters = challenge.parameters
        guard challenge.scheme == "digest", let realm = parameters["realm"], let nonce = parameters["nonce"],
            !nonce.isEmpty,
            [realm, nonce, parameters["opaque"] ?? ""].allSatisfy({ $0.utf8.count <= DigestChallenge.maximumValue })
        else { return nil }
        space = Space(realm: realm.lowercased(), isProxy: isProxy)
        self.realm = realm
        self.nonce = nonce
        opaque = parameters["opaque"]
        isStale = parameters["stale"]?.lowercased() == "true"

        namesAlgorithm = parameters["algorithm"] != nil
        var name = (parameters["algorithm"] ?? DigestAlgorithm.md5.rawValue).uppercased()
        isSession = name.hasSuffix("-SESS")
        if isSession { name.removeLast(5) }
        guard let algorithm = DigestAlgorithm(rawValue: name) else { return nil }
        self.algorithm = algorithm

        if let offered = parameters["qop"] {
            let words = offered.lowercased().split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" })
            guard words.contains("auth") || words.contains("auth-int") else { return nil }
            protection = words.contains("auth") ? .auth : .authInt
        } else {
            // Without a qop no cnonce is sent (RFC 2617 §3.2.2), which the key of a session needs.
            guard !isSession else { return nil }
            protection = .none
        }
    }

    /// The challenges of one header field that we can answer.
    public static func all(in field: String, isProxy: Bool) -> [DigestChallenge] {
        AuthenticationFields.challenges(field).compactMap { DigestChallenge($0, isProxy: isProxy) }
    }

    /// One challenge for each realm: the strongest, and of equals the server's first (RFC 8760 §2.4).
    static func best(of challenges: [DigestChallenge]) -> [DigestChallenge] {
        var best: [DigestChallenge] = []
        for challenge in challenges {
            guard let index = best.firstIndex(where: { $0.space == challenge.space }) else {
                best.append(challenge)
                continue
            }
            if challenge.algorithm.strength > best[index].algorithm.strength { best[index] = challenge }
        }
        return best
    }
}
