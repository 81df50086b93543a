import CallCore
import Foundation
import Synchronization

/// Mode `jwt`: bearer tokens (RFC 6750) that are signed JSON Web Tokens (RFC 7519), verified with a key set.
///
/// A token is believed if its algorithm is allowed and belongs to the key, the signature is right, and issuer, audience
/// and times fit. Every other token gets the same 401; while there are no keys at all, one that could be good gets a 503.
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

    /// A remembered token is verified again after so many seconds, whatever its `exp`.
    static let longestMemory: Double = 300

    private struct Memory {
        /// Of the keys that verified what is remembered.
        var revision = 0
        var callers: ExpiringCache<String, Caller>
    }

    private let settings: Settings
    private let rules: ClaimRules
    private let keys: any VerificationKeys
    private let now: @Sendable () -> Double
    private let memory: Mutex<Memory>
    private let verifications = Atomic<Int>(0)

    /// With keys that stay as they are.
    /// - Parameter now: the wall clock, seconds since 1970.
    public convenience init(
        _ settings: Settings, keys: JSONWebKeySet,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.init(settings, from: keys, now: now)
    }

    /// With the keys a provider publishes.
    /// - Parameter now: the wall clock, seconds since 1970.
    public convenience init(
        _ settings: Settings, keys: RemoteKeySet,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
    ) {
        self.init(settings, from: keys, now: now)
    }

    init(_ settings: Settings, from keys: any VerificationKeys, now: @escaping @Sendable () -> Double) {
        self.settings = settings
        rules = ClaimRules(
            phoneNumberClaim: settings.phoneNumberClaim, clientClaims: settings.clientClaims, leeway: settings.leeway)
        self.keys = keys
        self.now = now
        memory = Mutex(Memory(callers: ExpiringCache(capacity: settings.rememberedTokens)))
    }

    /// The caller a bearer token names; never nil.
    public func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
        try caller(authorization)
    }

    /// The caller a bearer token names.
    func caller(_ authorization: String?) throws(CAMARAError) -> Caller {
        guard let authorization, authorization.utf8.count <= BearerToken.maximumLength else { throw .unauthenticated }
        let now = now()
        // Read before the key is looked for: a key taken back in between makes the memory void.
        let revision = keys.revision
        if let caller = remembered(authorization, at: now, revision) { return caller }
        guard let token = BearerToken.signedToken(in: authorization) else { throw .unauthenticated }
        let claims = try verifiedClaims(of: token)
        guard let expiry = expiry(of: claims, at: now), let caller = rules.caller(of: claims) else {
            throw .unauthenticated
        }
        let validUntil = min(expiry + settings.leeway, now + JWTAuthenticator.longestMemory)
        memory.withLock { memory in
            guard memory.revision == revision else { return }
            memory.callers.insert(caller, for: authorization, validUntil: validUntil)
        }
        return caller
    }

    /// Signatures checked so far, for measurements.
    var signaturesChecked: Int { verifications.load(ordering: .relaxed) }

    private func remembered(_ authorization: String, at now: Double, _ revision: Int) -> Caller? {
        memory.withLock { memory in
            if memory.revision != revision {
                memory.revision = revision
                memory.callers.removeAll()
            }
            return memory.callers.value(for: authorization, at: now)
        }
    }

    private func verifiedClaims(of text: Substring) throws(CAMARAError) -> [String: JSONValue] {
        guard let token = SignedToken(text),
            // Before anything else: the algorithm is ours to choose, not the sender's.
            let algorithm = token.algorithm, !token.hasCriticalExtensions, token.isAccessToken
        else { throw .unauthenticated }
        switch keys.find(algorithm, id: token.keyID) {
        case .unknown: throw .unauthenticated
        case .unavailable(let seconds): throw .tokensCannotBeVerified(retryAfter: seconds)
        case .found(let key):
            verifications.add(1, ordering: .relaxed)
            guard key.verifies(token), let claims = token.claims else { throw .unauthenticated }
            return claims
        }
    }

    /// The token's `exp`, if issuer, audience and times are right at `now`.
    private func expiry(of claims: [String: JSONValue], at now: Double) -> Double? {
        guard claims["iss"] == .string(settings.issuer),
            ClaimRules.audience(claims["aud"], includes: settings.audience),
            case .number(let expiry) = claims["exp"], now < expiry + settings.leeway,
            rules.hasBegun(claims["nbf"], at: now)
        else { return nil }
        return expiry
    }
}
