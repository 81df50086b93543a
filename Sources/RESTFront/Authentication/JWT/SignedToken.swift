import Cjose
import Foundation

/// A token taken apart (RFC 7515 §7.1, compact serialisation), not yet believed.
final class SignedToken {
    private let token: OpaquePointer
    /// Bytes of the signature, from the length of its text: the library reads over what does not belong to it.
    let signatureLength: Int

    /// Nil if it is no such token.
    init?(_ text: Substring) {
        var text = String(text)
        let token = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cjose_jws_import($0.baseAddress, $0.count, nil) }
        }
        guard let token else { return nil }
        self.token = token
        let signature = text.utf8.reversed().prefix { $0 != UInt8(ascii: ".") }
        signatureLength = signature.count * 3 / 4
    }

    deinit {
        cjose_jws_release(token)
    }

    /// The header's `alg`, as the library that verifies reads it: two parsers could disagree on a doubled member.
    /// Nil for algorithms that are not allowed.
    var algorithm: SigningAlgorithm? {
        header("alg").flatMap(SigningAlgorithm.init(rawValue:))
    }

    /// The header's `kid`.
    var keyID: String? { header("kid") }

    /// The header names extensions that must be understood (RFC 7515 §4.1.11); none is.
    var hasCriticalExtensions: Bool {
        json_object_get(cjose_jws_get_protected(token), "crit") != nil
    }

    /// The header's `typ` says it is an access token, or nothing (RFC 9068 §4, RFC 8725 §3.11). Many providers write
    /// plain `JWT`; other kinds, such as logout tokens, are signed with the same keys.
    var isAccessToken: Bool {
        guard let type = header("typ")?.lowercased() else { return true }
        return ["jwt", "at+jwt", "application/at+jwt"].contains(type)
    }

    /// The claims; what they say is worth nothing before the signature has been verified.
    var claims: [String: JSONValue]? {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard cjose_jws_get_plaintext(token, &bytes, &count, nil), let bytes else { return nil }
        // The bytes stay the token's.
        return try? JSONDecoder().decode([String: JSONValue].self, from: Data(bytes: bytes, count: count))
    }

    fileprivate func header(_ name: String) -> String? {
        cjose_header_get(cjose_jws_get_protected(token), name, nil).map { String(cString: $0) }
    }

    func isVerified(with key: OpaquePointer) -> Bool {
        cjose_jws_verify(token, key, nil)
    }
}
