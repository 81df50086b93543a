import Cjose
import Foundation

/// Makes keys and signs tokens, good ones and bad ones.
final class TestIssuer {
    enum Key: Hashable {
        case rsa(String)
        case rsaSmall(String)
        case ec(String)
        case ec384(String)
    }

    private var keys: [Key: OpaquePointer] = [:]

    deinit {
        for key in keys.values { cjose_jwk_release(key) }
    }

    /// The JSON Web Key Set with the public halves of `list`; a name of "" leaves the `kid` out.
    func keySet(_ list: [Key], extra: [String] = []) -> Data {
        let entries = list.map { text(of: $0, isPrivate: false) }
        return Data("{\"keys\":[\((entries + extra).joined(separator: ","))]}".utf8)
    }

    /// A key as JSON.
    func text(of key: Key, isPrivate: Bool) -> String {
        guard let raw = cjose_jwk_to_json(pointer(key), isPrivate, nil) else { return "" }
        defer { free(raw) }
        return String(cString: raw)
    }

    /// A token with `header` besides `alg`, and `claims`, signed with `key`.
    func token(_ key: Key, algorithm: String, header: [String: String] = [:], claims: [String: Any]) -> String {
        sign(claims, with: pointer(key), algorithm: algorithm, header: header)
    }

    /// A token whose HMAC is keyed with `secret`, for the confusion of a public key with a secret.
    func hmacToken(secret: String, header: [String: String] = [:], claims: [String: Any]) -> String {
        let bytes = Array(secret.utf8)
        guard let key = cjose_jwk_create_oct_spec(bytes, bytes.count, nil) else { return "" }
        defer { cjose_jwk_release(key) }
        return sign(claims, with: key, algorithm: "HS256", header: header)
    }

    static func base64url(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    static func json(_ object: [String: Any]) -> String {
        (try? JSONSerialization.data(withJSONObject: object)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func pointer(_ key: Key) -> OpaquePointer? {
        if let known = keys[key] { return known }
        let exponent: [UInt8] = [1, 0, 1]
        let (made, name): (OpaquePointer?, String) =
            switch key {
            case .rsa(let name): (cjose_jwk_create_RSA_random(2048, exponent, 3, nil), name)
            case .rsaSmall(let name): (cjose_jwk_create_RSA_random(1024, exponent, 3, nil), name)
            case .ec(let name): (cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nil), name)
            case .ec384(let name): (cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_384, nil), name)
            }
        if !name.isEmpty { cjose_jwk_set_kid(made, name, name.utf8.count, nil) }
        keys[key] = made
        return made
    }

    private func sign(
        _ claims: [String: Any], with key: OpaquePointer?, algorithm: String, header: [String: String]
    ) -> String {
        guard let fields = cjose_header_new(nil) else { return "" }
        defer { cjose_header_release(fields) }
        cjose_header_set(fields, "alg", algorithm, nil)
        for (name, value) in header {
            if value.hasPrefix("[") {
                cjose_header_set_raw(fields, name, value, nil)
            } else {
                cjose_header_set(fields, name, value, nil)
            }
        }
        let payload = Array(TestIssuer.json(claims).utf8)
        guard let token = cjose_jws_sign(key, fields, payload, payload.count, nil) else { return "" }
        defer { cjose_jws_release(token) }
        var text: UnsafePointer<CChar>?
        guard cjose_jws_export(token, &text, nil), let text else { return "" }
        return String(cString: text)
    }
}
