import CallCore

/// Who a token speaks for, read from its claims. The same for a signed token and for an introspection's answer: both are
/// JSON objects with the claims of RFC 7519 (RFC 7662 §2.2, RFC 9068 §2.2).
struct ClaimRules: Sendable {
    /// The claim with the phone number of a three-legged token.
    var phoneNumberClaim: String
    /// The claims with the client's id; the first one present counts.
    var clientClaims: [String]
    /// How far the provider's clock may be off, in seconds.
    var leeway: Double

    /// Longest client id taken, in bytes.
    static let longestClient = 256

    /// The caller; nil if the claims name no client, or a phone number that is none.
    ///
    /// A number nobody can read makes the token worth nothing, instead of turning it into one without a number: a
    /// two-legged token may do other things than a three-legged one, not less. It is a 401, not a 403, because it is not
    /// known for whom the request is made (RFC 6750 §3.1, `invalid_token`: "invalid for other reasons").
    func caller(of claims: [String: JSONValue]) -> Caller? {
        // The first one present decides, good or not: what comes after it was not meant to name the client.
        let first = clientClaims.lazy.compactMap { name in claims[name] }.first { $0 != .null }
        guard case .string(let client) = first, (1...ClaimRules.longestClient).contains(client.utf8.count) else {
            return nil
        }
        let number: PhoneNumber?
        switch claims[phoneNumberClaim] {
        case nil, .null: number = nil
        case .string(let text):
            guard let read = ClaimRules.phoneNumber(text) else { return nil }
            number = read
        default: return nil
        }
        return Caller(client: client, identity: .verified(number), grant: .scopes(ClaimRules.scopes(of: claims)))
    }

    /// Whether a claim with one audience or several names `audience`.
    static func audience(_ claim: JSONValue?, includes audience: String) -> Bool {
        switch claim {
        case .string(audience): true
        case .strings(let list): list.contains(audience)
        default: false
        }
    }

    /// Whether `nbf` is in the past or absent. One that is no number is in the way.
    func hasBegun(_ claim: JSONValue?, at now: Double) -> Bool {
        switch claim {
        case nil, .null: true
        case .number(let begin): now >= begin - leeway
        default: false
        }
    }

    /// The number of `+1 (708) 585-2753` as OpenID Connect writes it, `tel:+17085852753` (RFC 3966) or
    /// `sip:+17085852753@host;user=phone` (RFC 3261 §19.1.6). Without the `+` it is not known to be E.164, so it is no
    /// number.
    static func phoneNumber(_ text: String) -> PhoneNumber? {
        guard text.utf8.count <= Address.maximumLength else { return nil }
        var rest = text.filter { $0 != " " }[...]
        if let colon = rest.firstIndex(of: ":") {
            switch rest[..<colon].lowercased() {
            case "tel": rest = rest[rest.index(after: colon)...]
            case "sip", "sips":
                var address = rest[rest.index(after: colon)...]
                let phone = ";user=phone"
                if address.lowercased().hasSuffix(phone) { address = address.dropLast(phone.count) }
                return Address("sip:\(address)")?.phoneNumber
            default: return nil
            }
        }
        return PhoneNumber(rest)
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
