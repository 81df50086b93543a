import Foundation

/// The provider's word on a token (RFC 7662 §2.2).
enum Introspection: Equatable, Sendable {
    /// Good for `seconds` at the most.
    case active(Caller, seconds: Double)
    /// Not good, or not for this server.
    case inactive
    /// It cannot be told.
    case unknown(ProviderFailure)

    /// What an answer's claims must be besides `active`.
    struct Rules: Sendable {
        var claims: ClaimRules
        /// Checked if the answer has an `iss`: introspection need not tell it.
        var issuer: String?
        /// Checked if the answer has an `aud`.
        var audience: String?
        /// How long an active token is believed without asking again, in seconds.
        var longestMemory: Double
    }

    /// Reads the body of a 200.
    /// - Parameter now: the wall clock, seconds since 1970.
    init(_ body: Data, _ rules: Rules, at now: Double) {
        guard let claims = try? JSONDecoder().decode([String: JSONValue].self, from: body) else {
            self = .unknown(.unreadable("it is no JSON object (RFC 7662 §2.2)"))
            return
        }
        guard case .bool(let isActive) = claims["active"] else {
            self = .unknown(.unreadable("\"active\" is no boolean (RFC 7662 §2.2)"))
            return
        }
        self = isActive ? Introspection.judge(claims, rules, at: now) : .inactive
    }

    /// An active token may be for another server or another use, or past the time the provider itself says.
    private static func judge(_ claims: [String: JSONValue], _ rules: Rules, at now: Double) -> Introspection {
        var seconds = rules.longestMemory
        switch claims["exp"] {
        case nil, .null: break
        // No leeway: the provider has judged by its own clock; a time that is past is past for the memory too.
        case .number(let expiry) where expiry > now: seconds = min(seconds, expiry - now)
        default: return .inactive
        }
        guard rules.claims.hasBegun(claims["nbf"], at: now), isForUs(claims, rules), isBearer(claims),
            let caller = rules.claims.caller(of: claims)
        else { return .inactive }
        return .active(caller, seconds: seconds)
    }

    /// Issuer and audience are right, where they are told and configured.
    private static func isForUs(_ claims: [String: JSONValue], _ rules: Rules) -> Bool {
        if let issuer = rules.issuer, !isAbsent(claims["iss"]), claims["iss"] != .string(issuer) { return false }
        if let audience = rules.audience, !isAbsent(claims["aud"]) {
            return ClaimRules.audience(claims["aud"], includes: audience)
        }
        return true
    }

    private static func isAbsent(_ claim: JSONValue?) -> Bool { claim == nil || claim == .null }

    /// A refresh token is active too, and a token bound to a key is no bearer token (RFC 9449 §7.1): neither may be used
    /// as one where the provider says what it is.
    private static func isBearer(_ claims: [String: JSONValue]) -> Bool {
        if case .string(let type) = claims["token_type"], type.lowercased() != "bearer" { return false }
        return claims["token_use"] != .string("refresh_token")
    }
}
