import CallCore
import Foundation
import Synchronization

/// Mode `jwt`: bearer tokens (RFC 6750) that are signed JSON Web Tokens (RFC 7519), verified with a key set.
///
/// A token is believed if its algorithm is allowed and belongs to the key, the signature is right, and issuer, audience
/// and times fit. Every other token gets the same 401.
public final class JWTAuthenticator: Authenticator {
    /// What tokens must say. Each value's key of the configuration file is in its comment.
    public struct Settings: Sendable {
        /// `api.auth.issuer`: the `iss` of every token.
        public var issuer: String
        /// `api.auth.audience`: must be among a token's `aud`.
        public var audience: String
        /// `api.auth.phoneNumberClaim`
        public var phoneNumberClaim = "phone_number"
        /// `api.auth.clientIdClaim`: the first one present is the client.
        public var clientClaims = ["client_id", "azp", "sub"]
        /// How far the issuer's clock may be off, in seconds.
        public var leeway: Double = 60
        /// Verified tokens that are remembered.
        public var rememberedTokens = 10_000

        /// Settings with the defaults of the configuration.
        public init(issuer: String, audience: String) {
            self.issuer = issuer
            self.audience = audience
        }
    }

    /// Longest `Authorization` value looked at: a token of 8 KiB and its scheme.
    public static let maximumLength = 8 * 1024 + 16
    /// A remembered token is verified again after so many seconds, whatever its `exp`.
    static let longestMemory: Double = 300

    private let settings: Settings
    private let keys: JSONWebKeySet
    private let now: @Sendable () -> Double
    private let cache: Mutex<TokenCache>
    private let verifications = Atomic<Int>(0)

    /// - Parameter now: the wall clock, seconds since 1970.
    public init(
        _ settings: Settings, keys: JSONWebKeySet,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.settings = settings
        self.keys = keys
        self.now = now
        cache = Mutex(TokenCache(capacity: settings.rememberedTokens))
    }

    /// The caller a bearer token names.
    public func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller {
        guard let authorization, authorization.utf8.count <= JWTAuthenticator.maximumLength else {
            throw .unauthenticated
        }
        let now = now()
        if let caller = cache.withLock({ $0.caller(for: authorization, at: now) }) { return caller }
        guard let token = JWTAuthenticator.token(in: authorization), let claims = verifiedClaims(of: token) else {
            throw .unauthenticated
        }
        guard let expiry = expiry(of: claims, at: now), let caller = caller(of: claims) else { throw .unauthenticated }
        let validUntil = min(expiry + settings.leeway, now + JWTAuthenticator.longestMemory)
        cache.withLock { $0.insert(caller, for: authorization, validUntil: validUntil) }
        return caller
    }

    /// Signatures checked so far, for measurements.
    var signaturesChecked: Int { verifications.load(ordering: .relaxed) }

    /// The token of `Bearer token`: the characters of three base64url parts and nothing else.
    private static func token(in authorization: String) -> Substring? {
        guard let space = authorization.utf8.firstIndex(of: UInt8(ascii: " ")),
            authorization[..<space].lowercased() == "bearer"
        else { return nil }
        let token = authorization[space...].drop { $0 == " " }
        var dots = 0
        for byte in token.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                break
            case UInt8(ascii: "."): dots += 1
            default: return nil
            }
        }
        return dots == 2 ? token : nil
    }

    private func verifiedClaims(of text: Substring) -> [String: JSONValue]? {
        guard let token = SignedToken(text),
            // Before anything else: the algorithm is ours to choose, not the sender's.
            let algorithm = token.algorithm, !token.hasCriticalExtensions,
            let key = keys.key(for: algorithm, id: token.keyID)
        else { return nil }
        verifications.add(1, ordering: .relaxed)
        return key.verifies(token) ? token.claims : nil
    }

    /// The token's `exp`, if issuer, audience and times are right at `now`.
    private func expiry(of claims: [String: JSONValue], at now: Double) -> Double? {
        guard claims["iss"] == .string(settings.issuer) else { return nil }
        switch claims["aud"] {
        case .string(settings.audience): break
        case .strings(let list) where list.contains(settings.audience): break
        default: return nil
        }
        guard case .number(let expiry) = claims["exp"], now < expiry + settings.leeway else { return nil }
        switch claims["nbf"] {
        case nil, .null: break
        case .number(let begin) where now >= begin - settings.leeway: break
        default: return nil
        }
        return expiry
    }

    private func caller(of claims: [String: JSONValue]) -> Caller? {
        let clients = settings.clientClaims.lazy.compactMap { claim in
            if case .string(let client) = claims[claim], !client.isEmpty { client } else { nil }
        }
        guard let client = clients.first, client.utf8.count <= 256 else { return nil }
        let number: PhoneNumber?
        switch claims[settings.phoneNumberClaim] {
        case nil, .null: number = nil
        case .string(let text):
            // A number nobody can read must not turn the token into one that has none.
            guard let read = JWTAuthenticator.phoneNumber(text) else { return nil }
            number = read
        default: return nil
        }
        return Caller(client: client, identity: .verified(number), grant: .scopes(JWTAuthenticator.scopes(of: claims)))
    }

    /// `+1 (708) 585-2753` as OpenID Connect writes it, or a tel or SIP URI.
    private static func phoneNumber(_ text: String) -> PhoneNumber? {
        let compact = text.filter { $0 != " " }
        return PhoneNumber(compact) ?? Address(compact)?.phoneNumber
    }

    /// `scope` (RFC 8693 §4.2, a list in one string) and `scp` (some issuers' array).
    private static func scopes(of claims: [String: JSONValue]) -> Set<String> {
        var scopes: Set<String> = []
        for claim in ["scope", "scp"] {
            switch claims[claim] {
            case .string(let list): scopes.formUnion(list.split(separator: " ").map(String.init))
            case .strings(let list): scopes.formUnion(list)
            default: break
            }
        }
        return scopes
    }
}
