import Cjose
import Foundation

/// The public keys tokens are verified with (RFC 7517 §5). Immutable; each algorithm only ever sees keys of its own type.
public struct JSONWebKeySet: Sendable {
    private let keys: [VerificationKey]

    /// Largest text taken.
    public static let maximumBytes = 1 << 20
    /// Most entries taken: a provider has a handful.
    public static let maximumKeys = 100

    /// Reads a key set. Keys of other types, curves or uses than this server verifies with are passed over, secret ones
    /// among them.
    /// - Throws: ``Unusable`` if that leaves no key, or two that could be meant by one `kid`.
    public init(_ json: Data) throws(Unusable) {
        guard json.count <= JSONWebKeySet.maximumBytes else {
            throw Unusable("the key set is larger than \(JSONWebKeySet.maximumBytes) bytes")
        }
        let list: KeyList
        do {
            list = try JSONDecoder().decode(KeyList.self, from: json)
        } catch {
            throw Unusable("the key set is no JSON object with an array \"keys\" (RFC 7517 §5)")
        }
        guard list.keys.count <= JSONWebKeySet.maximumKeys else {
            throw Unusable("the key set has more than \(JSONWebKeySet.maximumKeys) keys")
        }
        var keys: [VerificationKey] = []
        for entry in list.keys {
            guard let description = entry.description, let key = VerificationKey(description) else { continue }
            guard !keys.contains(where: { $0.algorithm == key.algorithm && $0.id == key.id && key.id != nil }) else {
                throw Unusable("two \(key.algorithm.rawValue) keys have the same kid")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            throw Unusable("the key set has no public key for RS256 (2048 to 8192 bits) or ES256 (P-256)")
        }
        self.keys = keys
    }

    /// Reads a key set from a file.
    public init(file path: String) throws(Unusable) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw Unusable("the key set cannot be read: \(error.localizedDescription)")
        }
        try self.init(data)
    }

    /// The key for a token. Without a `kid` only where there is no choice: trying several would make every forged token
    /// as expensive as all of them.
    func key(for algorithm: SigningAlgorithm, id: String?) -> VerificationKey? {
        let candidates = keys.filter { $0.algorithm == algorithm }
        guard let id else { return candidates.count == 1 ? candidates[0] : nil }
        return candidates.first { $0.id == id }
    }

    /// Whether every key of `other` is still here: then whatever it has verified stands.
    func keepsAllKeys(of other: JSONWebKeySet) -> Bool {
        other.keys.allSatisfy { old in keys.contains { $0.description == old.description } }
    }

    /// Why a key set cannot be used.
    public struct Unusable: Error, Equatable, Sendable, CustomStringConvertible {
        /// What is wrong with it.
        public let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private struct KeyList: Decodable {
        let keys: [Entry]
    }

    /// An entry that cannot be read is passed over; it may belong to an algorithm of tomorrow.
    private struct Entry: Decodable {
        let description: KeyDescription?

        init(from decoder: any Decoder) throws {
            description = try? KeyDescription(from: decoder)
        }
    }
}

/// The algorithms tokens may be signed with. Everything else, `none` and the HMACs above all, is refused by name.
enum SigningAlgorithm: String, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"
}

/// The public members of a JSON Web Key (RFC 7518 §6). Private ones are not read, so they cannot be kept.
private struct KeyDescription: Codable, Equatable, Sendable {
    var kty: String
    var kid: String?
    var use: String?
    var key_ops: [String]?
    var alg: String?
    var n: String?
    var e: String?
    var crv: String?
    var x: String?
    var y: String?

    /// What the key verifies; nil if nothing of ours.
    var algorithm: SigningAlgorithm? {
        guard use == nil || use == "sig", key_ops?.contains("verify") ?? true else { return nil }
        let algorithm: SigningAlgorithm
        switch kty {
        case "RSA" where n != nil && e != nil: algorithm = .rs256
        case "EC" where crv == "P-256" && x != nil && y != nil: algorithm = .es256
        default: return nil
        }
        return alg == nil || alg == algorithm.rawValue ? algorithm : nil
    }
}

/// One public key.
///
/// `@unchecked Sendable`: the library's key is only read after it has been made, which cjose and OpenSSL allow from every
/// thread.
final class VerificationKey: @unchecked Sendable {
    let algorithm: SigningAlgorithm
    let id: String?
    fileprivate let description: KeyDescription
    private let key: OpaquePointer
    private let signatureLength: Int

    fileprivate init?(_ description: KeyDescription) {
        guard let algorithm = description.algorithm, let json = try? JSONEncoder().encode(description) else {
            return nil
        }
        let key = json.withUnsafeBytes { bytes in
            cjose_jwk_import(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, nil)
        }
        guard let key else { return nil }
        // Above 8192 bits a signature costs milliseconds; nobody needs that.
        let isOfType =
            switch algorithm {
            case .rs256:
                cjose_jwk_get_kty(key, nil) == CJOSE_JWK_KTY_RSA
                    && (2048...8192).contains(cjose_jwk_get_keysize(key, nil))
            case .es256: cjose_jwk_get_kty(key, nil) == CJOSE_JWK_KTY_EC
            }
        guard isOfType else {
            cjose_jwk_release(key)
            return nil
        }
        self.algorithm = algorithm
        // RFC 7518 §3.3, §3.4
        signatureLength = algorithm == .rs256 ? (cjose_jwk_get_keysize(key, nil) + 7) / 8 : 64
        id = description.kid
        self.description = description
        self.key = key
    }

    deinit {
        cjose_jwk_release(key)
    }

    /// Whether `token` is signed with this key.
    func verifies(_ token: SignedToken) -> Bool {
        token.signatureLength == signatureLength && token.isVerified(with: key)
    }
}
