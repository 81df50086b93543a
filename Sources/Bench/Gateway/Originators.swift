import Cjose
import Foundation

/// A caller: a number and the access token that says it is theirs.
struct Originator {
    /// The twelve digits behind `+1`.
    let number: UInt64
    let token: String
}

/// An authorization server for one run: an RSA key of its own, the key set that a gateway reads, signed tokens.
final class TokenIssuer {
    static let issuer = "https://idp.example"
    static let audience = "webrtc-gateway"
    private static let keyID = "bench"
    /// What a caller's own token allows.
    private static let callScopes = ["create", "read", "write", "delete"].map { "webrtc-call-handling:sessions:\($0)" }
    /// What it takes to register, to subscribe to what ``EventText`` reads and to end the subscription.
    private static let enrolmentScopes = [
        "webrtc-registration:sessions:create", "webrtc-events:\(EventText.statusType):create",
        "webrtc-events:\(EventText.invitationType):create", "webrtc-events:delete",
    ]

    private let expiry = Int(Date().timeIntervalSince1970) + 24 * 3_600
    private let key: OpaquePointer
    private let header: UnsafeMutablePointer<cjose_header_t>

    init() throws {
        var error = cjose_err()
        guard let key = cjose_jwk_create_RSA_random(2_048, nil, 0, &error),
            cjose_jwk_set_kid(key, TokenIssuer.keyID, TokenIssuer.keyID.utf8.count, &error),
            let header = cjose_header_new(&error),
            cjose_header_set(header, "alg", "RS256", &error),
            cjose_header_set(header, "kid", TokenIssuer.keyID, &error),
            cjose_header_set(header, "typ", "JWT", &error)
        else { throw TokenIssuer.failure(error) }
        self.key = key
        self.header = header
    }

    deinit {
        cjose_header_release(header)
        cjose_jwk_release(key)
    }

    /// The public key as a JSON Web Key Set (RFC 7517).
    func keySet() throws -> Data {
        var error = cjose_err()
        guard let text = cjose_jwk_to_json(key, false, &error) else { throw TokenIssuer.failure(error) }
        defer { free(text) }
        var key = try JSONDecoder().decode([String: String].self, from: Data(String(cString: text).utf8))
        key["use"] = "sig"
        key["alg"] = "RS256"
        return try JSONEncoder().encode(["keys": [key]])
    }

    /// Callers with numbers one behind the other, all of one application.
    func originators(_ count: Int) throws -> [Originator] {
        try (0..<count).map { index in
            let number = 708_585_000_000 + UInt64(index)
            return Originator(number: number, token: try token(number: number, scopes: TokenIssuer.callScopes))
        }
    }

    /// A token with which the caller of `number` is registered and subscribed. It is another than the one for calls, so
    /// that a call costs what it costs in every measurement.
    func enrolmentToken(number: UInt64) throws -> String {
        try token(number: number, scopes: TokenIssuer.enrolmentScopes)
    }

    private struct Claims: Encodable {
        let iss = TokenIssuer.issuer
        let aud = TokenIssuer.audience
        let exp: Int
        let sub: String
        let client_id = "bench"
        let phone_number: String
        let scope: String
    }

    private func token(number: UInt64, scopes: [String]) throws -> String {
        let claims = Claims(
            exp: expiry, sub: "subscriber-\(number)", phone_number: "+1\(number)",
            scope: scopes.joined(separator: " "))
        let payload = try JSONEncoder().encode(claims)
        var error = cjose_err()
        let signature = payload.withUnsafeBytes {
            cjose_jws_sign(key, header, $0.bindMemory(to: UInt8.self).baseAddress, $0.count, &error)
        }
        guard let signature else { throw TokenIssuer.failure(error) }
        defer { cjose_jws_release(signature) }
        var text: UnsafePointer<CChar>?
        guard cjose_jws_export(signature, &text, &error), let text else { throw TokenIssuer.failure(error) }
        return String(cString: text)
    }

    private static func failure(_ error: cjose_err) -> BenchError {
        .token(error.message.map { String(cString: $0) } ?? "cjose error \(error.code.rawValue)")
    }
}
