import Cjose
import Foundation

/// An OpenID provider's token side: keys of its own, the key set a gateway is given, and tokens good and bad.
package struct TokenIssuer: Sendable {
    /// What goes wrong with a token.
    package enum Flaw: Sendable, CaseIterable {
        case expired
        case notYetValid
        case otherIssuer
        case otherAudience
        /// Signed with a key the key set does not hold, under the right key id.
        case otherKey
        /// Under a key id the key set does not hold.
        case unknownKey
        /// One character of the signature changed.
        case brokenSignature
        /// `"alg": "none"` and no signature (RFC 8725 §3.1).
        case unsigned
        /// HMAC with the public key as its secret (RFC 8725 §2.1).
        case publicKeyAsSecret
        case withoutExpiry
        /// Good, but longer than any token is taken.
        case huge
    }

    /// `iss`.
    package let name = "https://idp.example"
    /// `aud`.
    package let audience = "webrtc-gateway"
    private let privateKey: String
    private let publicKey: String
    private let foreignKey: String
    private let keyID: String

    /// With new RSA keys, the published one under `keyID`.
    package init(keyID: String = "test-1") throws {
        self.keyID = keyID
        (privateKey, publicKey) = try TokenIssuer.makeKey(keyID)
        foreignKey = try TokenIssuer.makeKey(keyID).private
    }

    /// The key set (RFC 7517 §5).
    package var keySet: String { TokenIssuer.keySet([self]) }

    /// The key set of a provider that signs with the keys of all of these.
    package static func keySet(_ issuers: [TokenIssuer]) -> String {
        "{\"keys\":[\(issuers.map(\.publicKey).joined(separator: ","))]}"
    }

    /// `token` under another key id: its signature is none any more.
    package static func relabelled(_ token: String, keyID: String) -> String {
        let header = base64(Array("{\"alg\":\"RS256\",\"kid\":\"\(keyID)\"}".utf8))
        return header + token.drop { $0 != "." }
    }

    /// Writes the key set to a file of its own.
    package func writeKeySet() throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "jwks-\(UUID().uuidString).json")
        try keySet.write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    /// A token for `client` with `scopes`, and `phoneNumber` if it is a three-legged one.
    package func token(
        scopes: [String], phoneNumber: String? = nil, client: String = "app-1", flaw: Flaw? = nil
    ) throws -> String {
        let now = Int(Date.now.timeIntervalSince1970)
        var claims: JSONValue = [
            "iss": .string(flaw == .otherIssuer ? "https://other.example" : name),
            "aud": .string(flaw == .otherAudience ? "another-api" : audience),
            "sub": "user-1", "client_id": .string(client), "scope": .string(scopes.joined(separator: " ")),
            "iat": .number(Double(now - 60)), "exp": .number(Double(flaw == .expired ? now - 3_600 : now + 3_600)),
        ]
        if let phoneNumber { claims["phone_number"] = .string(phoneNumber) }
        if flaw == .notYetValid { claims["nbf"] = .number(Double(now + 3_600)) }
        if flaw == .huge { claims["padding"] = .string(String(repeating: "x", count: 8_192)) }
        if flaw == .withoutExpiry { claims["exp"] = nil }
        let payload = try claims.bytes
        switch flaw {
        case .unsigned:
            return TokenIssuer.base64(Array("{\"alg\":\"none\"}".utf8)) + "." + TokenIssuer.base64(payload) + "."
        case .publicKeyAsSecret:
            let secret = Array(publicKey.utf8)
            let key = cjose_jwk_create_oct_spec(secret, secret.count, nil)
            return try TokenIssuer.sign(payload, with: key, algorithm: "HS256", keyID: keyID)
        case .brokenSignature:
            let token = try signed(payload, with: privateKey)
            // A character in the middle: the last one of base64 has bits that do not count.
            let index = token.index(token.endIndex, offsetBy: -40)
            return token.replacingCharacters(in: index...index, with: token[index] == "A" ? "B" : "A")
        case .otherKey: return try signed(payload, with: foreignKey)
        case .unknownKey: return try signed(payload, with: foreignKey, keyID: "unknown")
        default: return try signed(payload, with: privateKey)
        }
    }

    private func signed(_ payload: [UInt8], with key: String, keyID: String? = nil) throws -> String {
        let imported = cjose_jwk_import(key, key.utf8.count, nil)
        return try TokenIssuer.sign(payload, with: imported, algorithm: "RS256", keyID: keyID ?? self.keyID)
    }

    private static func sign(
        _ payload: [UInt8], with key: OpaquePointer?, algorithm: String, keyID: String
    ) throws -> String {
        defer { cjose_jwk_release(key) }
        let header = cjose_header_new(nil)
        defer { cjose_header_release(header) }
        var serialised: UnsafePointer<CChar>?
        guard key != nil, cjose_header_set(header, "alg", algorithm, nil), cjose_header_set(header, "kid", keyID, nil),
            let signature = cjose_jws_sign(key, header, payload, payload.count, nil)
        else { throw SocketError(explaining: "cannot sign a token") }
        defer { cjose_jws_release(signature) }
        guard cjose_jws_export(signature, &serialised, nil), let serialised else {
            throw SocketError(explaining: "cannot write a token")
        }
        return String(cString: serialised)
    }

    private static func makeKey(_ keyID: String) throws -> (private: String, public: String) {
        let key = cjose_jwk_create_RSA_random(2_048, [1, 0, 1], 3, nil)
        defer { cjose_jwk_release(key) }
        guard key != nil, cjose_jwk_set_kid(key, keyID, keyID.utf8.count, nil),
            let secret = cjose_jwk_to_json(key, true, nil), let open = cjose_jwk_to_json(key, false, nil)
        else { throw SocketError(explaining: "cannot make a key") }
        defer {
            cjose_get_dealloc()(secret)
            cjose_get_dealloc()(open)
        }
        return (String(cString: secret), String(cString: open))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
