import CallCore
import Foundation
import Synchronization
import Testing

@testable import RESTFront

@Suite struct JWTAuthenticatorTests {
    static let now = 1_800_000_000.0
    static let scopes = "webrtc-call-handling:sessions:create webrtc-call-handling:sessions:read"

    let issuer = TestIssuer()

    /// A claim the token does not have.
    private struct Absent {}

    static func claims(_ changes: [String: Any] = [:]) -> [String: Any] {
        var claims: [String: Any] = [
            "iss": "https://idp.example", "aud": "gateway", "exp": now + 600, "client_id": "app",
            "phone_number": "+17085852753", "scope": scopes,
        ]
        for (name, value) in changes { claims[name] = value is Absent ? nil : value }
        return claims
    }

    func authenticator(_ keys: [TestIssuer.Key], now: @escaping @Sendable () -> Double = { Self.now }) throws
        -> JWTAuthenticator
    {
        JWTAuthenticator(
            JWTAuthenticator.Settings(issuer: "https://idp.example", audience: "gateway"),
            keys: try JSONWebKeySet(issuer.keySet(keys)), now: now)
    }

    func isRefused(_ authorization: String?, by authenticator: JWTAuthenticator) -> Bool {
        do throws(CAMARAError) {
            _ = try authenticator.caller(authorization)
            return false
        } catch {
            return error == .unauthenticated
        }
    }

    @Test(arguments: [TestIssuer.Key.rsa("r"), .ec("e"), .rsa(""), .ec("")])
    func goodTokens(key: TestIssuer.Key) throws {
        let authenticator = try authenticator([key])
        let (algorithm, kid) =
            switch key {
            case .rsa(let name): ("RS256", name)
            case .ec(let name): ("ES256", name)
            default: ("", "")
            }
        let token = issuer.token(
            key, algorithm: algorithm, header: kid.isEmpty ? [:] : ["kid": kid], claims: Self.claims())
        let caller = try authenticator.caller("Bearer \(token)")
        #expect(caller.client == "app")
        #expect(caller.identity == .verified(PhoneNumber("+17085852753")))
        #expect(caller.owner == SessionOwner(client: "app", user: PhoneNumber("+17085852753")))
        #expect(caller.grant == .scopes(Set(Self.scopes.split(separator: " ").map(String.init))))
        #expect(try authenticator.caller("bearer   \(token)") == caller)
    }

    @Test func tokensThatAreForgedOrBroken() throws {
        let rsa = TestIssuer.Key.rsa("r")
        let ec = TestIssuer.Key.ec("e")
        let authenticator = try authenticator([rsa, ec])
        let good = issuer.token(rsa, algorithm: "RS256", header: ["kid": "r"], claims: Self.claims())
        #expect(!isRefused("Bearer \(good)", by: authenticator))
        let parts = good.split(separator: ".").map(String.init)
        let other = issuer.token(
            rsa, algorithm: "RS256", header: ["kid": "r"], claims: Self.claims(["client_id": "evil"]))
        let otherPayload = other.split(separator: ".").map(String.init)[1]
        let none = TestIssuer.base64url(#"{"alg":"none","kid":"r"}"#)
        let doubled = TestIssuer.base64url(#"{"alg":"RS256","alg":"none","kid":"r"}"#)
        let modulus = try #require(
            (try JSONSerialization.jsonObject(with: Data(issuer.text(of: rsa, isPrivate: false).utf8)) as? [String: Any])?[
                "n"] as? String)
        let bad: [(String, String?)] = [
            ("nothing", nil),
            ("empty", ""),
            ("no scheme", good),
            ("another scheme", "Basic \(good)"),
            ("no token", "Bearer "),
            ("no space", "Bearer"),
            ("garbage", "Bearer x.y.z"),
            ("two parts", "Bearer \(parts[0]).\(parts[1])"),
            ("four parts", "Bearer \(good).x"),
            ("five parts", "Bearer a.b.c.d.e"),
            ("trailing words", "Bearer \(good) \(good)"),
            ("two headers", "Bearer \(good), Bearer \(good)"),
            ("other payload", "Bearer \(parts[0]).\(otherPayload).\(parts[2])"),
            ("no signature", "Bearer \(parts[0]).\(parts[1])."),
            ("cut signature", "Bearer \(parts[0]).\(parts[1]).\(parts[2].dropLast(8))"),
            ("alg none", "Bearer \(none).\(parts[1])."),
            ("alg none, signed", "Bearer \(none).\(parts[1]).\(parts[2])"),
            ("alg twice", "Bearer \(doubled).\(parts[1])."),
            ("header no JSON", "Bearer \(TestIssuer.base64url("x")).\(parts[1]).\(parts[2])"),
            (
                "HMAC with the public key",
                "Bearer "
                    + issuer.hmacToken(
                        secret: issuer.text(of: rsa, isPrivate: false), header: ["kid": "r"], claims: Self.claims())
            ),
            (
                "HMAC with the modulus",
                "Bearer " + issuer.hmacToken(secret: modulus, header: ["kid": "r"], claims: Self.claims())
            ),
            ("RS512", "Bearer " + issuer.token(rsa, algorithm: "RS512", header: ["kid": "r"], claims: Self.claims())),
            ("PS256", "Bearer " + issuer.token(rsa, algorithm: "PS256", header: ["kid": "r"], claims: Self.claims())),
            (
                "unknown kid",
                "Bearer " + issuer.token(rsa, algorithm: "RS256", header: ["kid": "other"], claims: Self.claims())
            ),
            (
                "kid of the other type",
                "Bearer " + issuer.token(rsa, algorithm: "RS256", header: ["kid": "e"], claims: Self.claims())
            ),
            (
                "foreign key under a known kid",
                "Bearer " + issuer.token(.rsa("x"), algorithm: "RS256", header: ["kid": "r"], claims: Self.claims())
            ),
            (
                "foreign EC key under a known kid",
                "Bearer " + issuer.token(.ec("y"), algorithm: "ES256", header: ["kid": "e"], claims: Self.claims())
            ),
            (
                "critical extension",
                "Bearer "
                    + issuer.token(
                        rsa, algorithm: "RS256", header: ["kid": "r", "crit": "[\"exp\"]"], claims: Self.claims())
            ),
            (
                "critical extension of a wrong type",
                "Bearer "
                    + issuer.token(rsa, algorithm: "RS256", header: ["kid": "r", "crit": "exp"], claims: Self.claims())
            ),
            (
                "a logout token",
                "Bearer "
                    + issuer.token(
                        rsa, algorithm: "RS256", header: ["kid": "r", "typ": "logout+jwt"], claims: Self.claims())
            ),
            ("more than a signature", "Bearer \(good)A"),
            (
                "huge",
                "Bearer "
                    + issuer.token(
                        rsa, algorithm: "RS256", header: ["kid": "r"],
                        claims: Self.claims(["filler": String(repeating: "a", count: 9000)]))
            ),
        ]
        for (name, authorization) in bad {
            #expect(authorization?.hasSuffix("Bearer ") != true || name == "no token", "\(name) was not made")
            #expect(isRefused(authorization, by: authenticator), "\(name)")
        }
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "application/at+jwt"])
    func typesOfAccessTokens(type: String) throws {
        let token = issuer.token(
            .ec("e"), algorithm: "ES256", header: ["kid": "e", "typ": type], claims: Self.claims())
        #expect(!isRefused("Bearer \(token)", by: try authenticator([.ec("e")])))
    }

    @Test func withoutKidOnlyWhereThereIsNoChoice() throws {
        let token = issuer.token(.rsa("a"), algorithm: "RS256", claims: Self.claims())
        #expect(!isRefused("Bearer \(token)", by: try authenticator([.rsa("a"), .ec("e")])))
        #expect(isRefused("Bearer \(token)", by: try authenticator([.rsa("a"), .rsa("b")])))
    }

    @Test func claimsThatDoNotFit() throws {
        let authenticator = try authenticator([.ec("e")])
        let rows: [(String, [String: Any], Bool)] = [
            ("as it is", [:], true),
            ("no issuer", ["iss": Absent()], false),
            ("other issuer", ["iss": "https://idp.example/"], false),
            ("issuer no string", ["iss": 5], false),
            ("no audience", ["aud": Absent()], false),
            ("other audience", ["aud": "gateway2"], false),
            ("audience in a list", ["aud": ["x", "gateway"]], true),
            ("audience not in a list", ["aud": ["x"]], false),
            ("empty list", ["aud": [String]()], false),
            ("no expiry", ["exp": Absent()], false),
            ("expiry no number", ["exp": "1900000000"], false),
            ("expired within the leeway", ["exp": Self.now - 59], true),
            ("expired", ["exp": Self.now - 60], false),
            ("not yet valid within the leeway", ["nbf": Self.now + 60], true),
            ("not yet valid", ["nbf": Self.now + 61], false),
            ("not-before no number", ["nbf": "x"], false),
            ("client from azp", ["client_id": Absent(), "azp": "other"], true),
            ("client from sub", ["client_id": Absent(), "sub": "user"], true),
            ("client no string", ["client_id": 5], false),
            ("no client", ["client_id": Absent()], false),
            ("empty client", ["client_id": ""], false),
            ("the first client present decides", ["client_id": 5, "sub": "user"], false),
            ("no client but null", ["client_id": NSNull(), "sub": "user"], true),
            ("no number", ["phone_number": Absent()], true),
            ("number with separators", ["phone_number": "+1 (708) 585-2753"], true),
            ("number as tel URI", ["phone_number": "tel:+17085852753"], true),
            ("number without plus", ["phone_number": "17085852753"], false),
            ("number no string", ["phone_number": 17_085_852_753], false),
        ]
        for (name, changes, isGood) in rows {
            let token = issuer.token(.ec("e"), algorithm: "ES256", header: ["kid": "e"], claims: Self.claims(changes))
            #expect(isRefused("Bearer \(token)", by: authenticator) != isGood, "\(name)")
        }
    }

    @Test func whereClientNumberAndScopesComeFrom() throws {
        var settings = JWTAuthenticator.Settings(issuer: "https://idp.example", audience: "gateway")
        settings.phoneNumberClaim = "msisdn"
        settings.clientClaims = ["azp", "sub"]
        let authenticator = JWTAuthenticator(
            settings, keys: try JSONWebKeySet(issuer.keySet([.ec("e")])), now: { Self.now })
        let claims = Self.claims(["sub": "s", "msisdn": "+4915112345678", "scope": Absent(), "scp": ["a", "b"]])
        let token = issuer.token(.ec("e"), algorithm: "ES256", header: ["kid": "e"], claims: claims)
        let caller = try authenticator.caller("Bearer \(token)")
        #expect(caller.client == "s")
        #expect(caller.identity == .verified(PhoneNumber("+4915112345678")))
        #expect(caller.grant == .scopes(["a", "b"]))
    }

    @Test func oneSignatureForManyRequests() throws {
        let clock = Clock()
        let authenticator = try authenticator([.ec("e")], now: { clock.now })
        let token = "Bearer " + issuer.token(.ec("e"), algorithm: "ES256", header: ["kid": "e"], claims: Self.claims())
        for _ in 0..<10 { _ = try authenticator.caller(token) }
        #expect(authenticator.signaturesChecked == 1)
        clock.advance(by: 301)  // longer than any token is remembered
        _ = try authenticator.caller(token)
        #expect(authenticator.signaturesChecked == 2)
        clock.advance(by: 600)  // past exp and leeway, remembered or not
        #expect(isRefused(token, by: authenticator))
    }

    @Test func rememberedTokensEndWithTheirExpiry() throws {
        let clock = Clock()
        let authenticator = try authenticator([.ec("e")], now: { clock.now })
        let token =
            "Bearer "
            + issuer.token(
                .ec("e"), algorithm: "ES256", header: ["kid": "e"], claims: Self.claims(["exp": Self.now + 10]))
        _ = try authenticator.caller(token)
        clock.advance(by: 69)
        _ = try authenticator.caller(token)
        #expect(authenticator.signaturesChecked == 1)
        clock.advance(by: 1)
        #expect(isRefused(token, by: authenticator))
    }

    @Test func rememberedTokensAreCompared() throws {
        let authenticator = try authenticator([.ec("e")])
        let token = issuer.token(.ec("e"), algorithm: "ES256", header: ["kid": "e"], claims: Self.claims())
        _ = try authenticator.caller("Bearer \(token)")
        #expect(isRefused("Bearer \(token)A", by: authenticator))
        #expect(isRefused("Bearer \(token.dropLast(4))AAAA", by: authenticator))
    }

    @Test func theCacheIsBounded() {
        var cache = ExpiringCache<String, Caller>(capacity: 100)
        let caller = Caller(client: "c", identity: .believed, grant: .everything)
        for index in 0..<10_000 { cache.insert(caller, for: "t\(index)", validUntil: 10) }
        #expect(cache.count <= 100)
        #expect(cache.value(for: "t9999", at: 0) == caller)
        #expect(cache.value(for: "t0", at: 0) == nil)
        #expect(cache.value(for: "t9999", at: 10) == nil)
        // One that is used stays, however many others come.
        cache.insert(caller, for: "used", validUntil: 10)
        for index in 0..<1000 {
            cache.insert(caller, for: "u\(index)", validUntil: 10)
            #expect(cache.value(for: "used", at: 0) == caller)
        }
        #expect(cache.count <= 100)
    }

    @Test func keySets() throws {
        func isUsable(_ json: String) -> Bool {
            (try? JSONWebKeySet(Data(json.utf8))) != nil
        }
        let rsa = issuer.text(of: .rsa("r"), isPrivate: false)
        let secret = #"{"kty":"oct","k":"c2VjcmV0","kid":"r"}"#
        #expect(isUsable("{\"keys\":[\(rsa)]}"))
        #expect(isUsable("{\"keys\":[\(issuer.text(of: .ec("e"), isPrivate: true)),{\"kty\":\"OKP\"},5]}"))
        #expect(!isUsable(""))
        #expect(!isUsable("[]"))
        #expect(!isUsable("{}"))
        #expect(!isUsable("{\"keys\":[]}"))
        #expect(!isUsable("{\"keys\":[\(secret)]}"))
        #expect(!isUsable("{\"keys\":[\(rsa),\(rsa)]}"))
        #expect(!isUsable("{\"keys\":[\(issuer.text(of: .rsaSmall("s"), isPrivate: false))]}"))
        #expect(!isUsable("{\"keys\":[\(issuer.text(of: .ec384("t"), isPrivate: false))]}"))
        #expect(!isUsable("{\"keys\":[\(rsa.dropLast()),\"use\":\"enc\"}]}"))
        #expect(!isUsable("{\"keys\":[\(rsa.dropLast()),\"key_ops\":[\"sign\"]}]}"))
        #expect(isUsable("{\"keys\":[\(rsa.dropLast()),\"key_ops\":[\"verify\"]}]}"))
        #expect(!isUsable("{\"keys\":[\(rsa.dropLast()),\"alg\":\"RS512\"}]}"))
        #expect(throws: JSONWebKeySet.Unusable.self) { try JSONWebKeySet(file: "/nonexistent/keys.json") }
    }

    private final class Clock: Sendable {
        private let time = Mutex(JWTAuthenticatorTests.now)

        var now: Double { time.withLock { $0 } }

        func advance(by seconds: Double) {
            time.withLock { $0 += seconds }
        }
    }
}
