import LibCrypto
import TestPeer

/// A challenge as a peer makes it, and how the peer checks the answer (RFC 7616 §3.4).
struct PeerChallenge {
    var isProxy = false
    var algorithm = "SHA-256"
    var nonce: String
    var isStale = false
    var username = "gw"
    var password = PeerChallenge.password
    var realm = PeerChallenge.realm

    static let password = "hunter2"
    static let realm = "ims, \"x\""
    /// The key of a trunk whose peer challenges so.
    static let auth = "auth: {username: gw, password: \(password), realm: 'ims, \"x\"'}"

    var status: Int { isProxy ? 407 : 401 }

    var header: WireMessage.Header {
        .init(
            isProxy ? "Proxy-Authenticate" : "WWW-Authenticate",
            "Digest realm=\"\(realm.replacing("\"", with: "\\\""))\", nonce=\"\(nonce)\", qop=\"auth\", opaque=\"o\", algorithm=\(algorithm)"
                + (isStale ? ", stale=TRUE" : ""))
    }

    /// The parameters of a request's credentials.
    static func parameters(of message: WireMessage, isProxy: Bool) -> [String: String] {
        let field = message[isProxy ? "Proxy-Authorization" : "Authorization"] ?? ""
        var found: [String: String] = [:]
        // No value but the realm's holds a comma, and the realm is known.
        for part in field.replacing("ims, ", with: "ims").split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map {
                $0.drop { $0 == " " || $0 == "\"" }.replacing("\"", with: "")
            }
            let name = pair[0].split(separator: " ").last.map(String.init) ?? ""
            found[name] = pair.count > 1 ? String(pair[1]) : ""
        }
        return found
    }

    /// What is wrong with a request's credentials; nil if nothing is.
    func fault(in message: WireMessage, count: Int) -> String? {
        let given = PeerChallenge.parameters(of: message, isProxy: isProxy)
        let number = String(count, radix: 16)
        let expected = [
            "username": username, "nonce": nonce, "uri": message.requestURI ?? "", "opaque": "o",
            "algorithm": algorithm,
            "qop": "auth", "nc": String(repeating: "0", count: 8 - number.count) + number,
        ]
        for (name, value) in expected where given[name] != value {
            return "\(name) is \(given[name] ?? "missing"), not \(value)"
        }
        let key = hash("\(username):\(realm):\(password)")
        let subject = hash("\(message.method):\(message.requestURI ?? "")")
        let right = hash("\(key):\(nonce):\(expected["nc"] ?? ""):\(given["cnonce"] ?? ""):auth:\(subject)")
        return given["response"] == right ? nil : "response is not right"
    }

    private func hash(_ text: String) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let bytes = Array(text.utf8)
        EVP_Digest(bytes, bytes.count, &digest, &length, algorithm == "MD5" ? EVP_md5() : EVP_sha256(), nil)
        return digest.prefix(Int(length)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension PeerRequest {
    func challenge(_ challenge: PeerChallenge) { respond(challenge.status, headers: [challenge.header]) }
}

extension ScenePlan {
    /// Trunks with the same credentials, each for one test: `+880` to `+889`; `+877` by the first of them; and `+879`, whose realm is
    /// its domain.
    static let challenged = ScenePlan { configuration, places in
        for index in 0..<10 {
            configuration.trunks.append(
                .init(
                    "auth\(index)", peers: ["sip:127.0.0.1:\(places.peer.port)"], domain: "ims.example",
                    lines: [PeerChallenge.auth]))
            configuration.routes.append(("+88\(index)", ["auth\(index)"]))
        }
        configuration.routes.append(("+877", ["auth0"]))
        for (trunk, number) in [("auth10", "+879"), ("auth11", "+878")] {
            configuration.trunks.append(
                .init(
                    trunk, peers: ["sip:127.0.0.1:\(places.peer.port)"], domain: "ims.example",
                    lines: ["auth: {username: gw, password: \(PeerChallenge.password)}"]))
            configuration.routes.append((number, [trunk]))
        }
    }
}
