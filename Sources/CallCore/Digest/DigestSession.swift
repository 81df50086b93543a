/// One nonce of a server, and how often it was used (RFC 7616 §3.4).
struct DigestSession: Sendable {
    private(set) var challenge: DigestChallenge
    private let cnonce: String
    private let username: String
    /// H(A1), or for a session the H(username:realm:password) that it is made of.
    private let secretHash: String
    /// H(A1) of the present nonce.
    private var key: String
    private var count: UInt32 = 0

    /// Nil where the library does not offer the hash.
    init?(_ challenge: DigestChallenge, _ credentials: DigestCredentials, cnonce: String) {
        guard
            let hash = challenge.algorithm.hash(
                "\(credentials.username):\(challenge.realm):\(credentials.password)"),
            let key = DigestSession.key(of: hash, challenge, cnonce: cnonce)
        else { return nil }
        self.challenge = challenge
        self.cnonce = cnonce
        username = credentials.username
        secretHash = hash
        self.key = key
    }

    private static func key(of hash: String, _ challenge: DigestChallenge, cnonce: String) -> String? {
        challenge.isSession ? challenge.algorithm.hash("\(hash):\(challenge.nonce):\(cnonce)") : hash
    }

    /// The server's next nonce (RFC 7616 §3.5).
    mutating func renew(nonce: String) {
        var next = challenge
        next.nonce = nonce
        guard let key = DigestSession.key(of: secretHash, next, cnonce: cnonce) else { return }
        challenge = next
        self.key = key
        count = 0
    }

    /// The header line for one request, counted.
    mutating func line(method: String, uri: String, body: String) -> String? {
        guard count < .max, let parts = response(method: method, uri: uri, body: body) else { return nil }
        let name = challenge.space.isProxy ? "Proxy-Authorization" : "Authorization"
        var line = "\(name): Digest username=\(DigestSession.quoted(username))"
        line += ",realm=\(DigestSession.quoted(challenge.realm)),nonce=\(DigestSession.quoted(challenge.nonce))"
        line += ",uri=\(DigestSession.quoted(uri)),response=\"\(parts.response)\""
        if challenge.namesAlgorithm {
            line += ",algorithm=\(challenge.algorithm.rawValue)\(challenge.isSession ? "-sess" : "")"
        }
        if let qop = parts.qop { line += ",qop=\(qop),nc=\(parts.count),cnonce=\"\(cnonce)\"" }
        if let opaque = challenge.opaque { line += ",opaque=\(DigestSession.quoted(opaque))" }
        return line
    }

    private mutating func response(
        method: String, uri: String, body: String
    ) -> (response: String, qop: String?, count: String)? {
        let algorithm = challenge.algorithm
        var subject = "\(method):\(uri)"
        if challenge.protection == .authInt {
            guard let hash = algorithm.hash(body) else { return nil }
            subject += ":\(hash)"
        }
        guard let hash = algorithm.hash(subject) else { return nil }
        count += 1
        let digits = String(count, radix: 16)
        let padded = String(repeating: "0", count: 8 - digits.utf8.count) + digits
        let qop: String? =
            switch challenge.protection {
            case .none: nil
            case .auth: "auth"
            case .authInt: "auth-int"
            }
        let middle = qop.map { "\(padded):\(cnonce):\($0):" } ?? ""
        guard let response = algorithm.hash("\(key):\(challenge.nonce):\(middle)\(hash)") else { return nil }
        return (response, qop, padded)
    }

    /// A quoted-string (RFC 3261 §25.1).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
