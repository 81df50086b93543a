import CallCore
import Testing

@testable import SIPBridge

/// The rows of the ims-headers design that an INVITE is written by, as golden text.
@Suite("Headers of an INVITE")
struct InviteBuilderTests {
    private let builder = InviteBuilder(domain: "gw.example")

    private func headers(
        _ request: CallRequest, via trunk: Trunk = .sample(), redirectUser: String? = nil
    ) -> InviteBuilder.Headers {
        builder.headers(
            for: request, via: trunk, redirectUser: redirectUser, tag: "f00d", session: .sample, chargingID: "c4a6")
    }

    @Test func towardsATrustedTrunk() throws {
        let headers = headers(try .sample())
        #expect(headers.requestURI == "sip:+17085854000@ims.example;user=phone")
        #expect(headers.to == "<sip:+17085854000@ims.example;user=phone>")
        #expect(headers.from == "<sip:+17085852753@gw.example;user=phone>;tag=f00d")
        #expect(
            headers.lines == """
                P-Early-Media: supported
                Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000
                P-Charging-Vector: icid-value=c4a6;orig-ioi=gw.example
                P-Asserted-Identity: <sip:+17085852753@gw.example;user=phone>
                """)
    }

    @Test func towardsATrunkThatIsNotTrusted() throws {
        let headers = headers(try .sample(), via: .sample(isTrusted: false))
        #expect(
            headers.lines == """
                P-Early-Media: supported
                Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000
                """)
    }

    @Test func withoutAVerifiedNumberNothingIsAsserted() throws {
        var request = try CallRequest.sample()
        request.identity = nil
        #expect(!headers(request).lines.contains("P-Asserted-Identity"))
    }

    @Test func anonymously() throws {
        let request = try CallRequest.sample(originator: .anonymous, name: "Alice")
        let headers = headers(request)
        #expect(headers.from == "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f00d")
        #expect(!headers.from.contains("Alice"))
        #expect(
            headers.lines == """
                P-Early-Media: supported
                Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000
                P-Charging-Vector: icid-value=c4a6;orig-ioi=gw.example
                P-Asserted-Identity: <sip:+17085852753@gw.example;user=phone>
                Privacy: id
                """)
        let outside = self.headers(request, via: .sample(isTrusted: false))
        #expect(outside.lines.hasSuffix("\nPrivacy: id"))
        for text in [outside.lines, outside.from] { #expect(!text.contains("17085852753")) }
    }

    @Test(arguments: [
        (Trunk.Reliable1xx.supported, "100rel, timer", nil), (.required, "100rel, timer", "100rel"),
        (.off, "timer", nil),
    ])
    func reliableResponses(mode: Trunk.Reliable1xx, supported: String, require: String?) throws {
        let headers = headers(try .sample(), via: .sample(reliable1xx: mode))
        #expect(headers.supported == supported)
        #expect(headers.require == require)
    }

    // MARK: - Addresses

    @Test func receivers() throws {
        let number = Address.number(try #require(PhoneNumber("+4930123456")))
        let local = Address.local(digits: "*21#", context: "+49")
        let tel = Trunk.sample(numberFormat: .tel)
        #expect(InviteBuilder.uri(for: number, via: .sample()) == "sip:+4930123456@ims.example;user=phone")
        #expect(InviteBuilder.uri(for: number, via: tel) == "tel:+4930123456")
        #expect(
            InviteBuilder.uri(for: local, via: .sample()) == "sip:*21%23;phone-context=+49@ims.example;user=phone")
        #expect(
            InviteBuilder.uri(for: .local(digits: "112", context: "ims.example"), via: tel)
                == "tel:112;phone-context=ims.example")
        #expect(
            InviteBuilder.uri(for: .uri(user: "a%41", host: "example.com"), via: .sample()) == "sip:a%41@example.com")
    }

    @Test func originators() throws {
        let local = try CallRequest.sample(originator: .local(digits: "12#", context: "+49"))
        #expect(headers(local).from == "<sip:12%23;phone-context=+49@gw.example;user=phone>;tag=f00d")
        let user = try CallRequest.sample(originator: .uri(user: "alice", host: "elsewhere.example"))
        #expect(headers(user).from == "<sip:alice@gw.example>;tag=f00d")
    }

    // MARK: - Redirections

    @Test func aRedirectionChangesTheUserAlone() throws {
        let number = headers(try .sample(), redirectUser: "+4930123456")
        #expect(number.requestURI == "sip:+4930123456@ims.example;user=phone")
        let user = headers(try .sample(), redirectUser: "bob")
        #expect(user.requestURI == "sip:bob@ims.example")
    }

    @Test(arguments: [
        "", " ", "bob@evil.example", "bob;lr", "bob?X=1", "bob>", "bob\r\nVia: x", "\"bob\"", "bob%", "a b",
        String(repeating: "a", count: 5_000),
    ])
    func aHostileRedirectionChangesNothing(user: String) throws {
        let headers = headers(try .sample(), redirectUser: user)
        #expect(headers.requestURI == "sip:+17085854000@ims.example;user=phone")
    }

    // MARK: - Names

    @Test(arguments: [
        ("Alice", "\"Alice\""),
        ("tel:+17085852753", "\"tel:+17085852753\""),
        ("Alice \"Al\" Smith", "\"Alice \\\"Al\\\" Smith\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("\\", "\"\\\\\""),
        ("\\\"", "\"\\\\\\\"\""),
        ("Al\r\nX-Evil: 1", "\"AlX-Evil: 1\""),
        ("Al\u{0}\u{7}\u{7f}ice", "\"Alice\""),
        ("\" <sip:evil@example.com>;tag=1, \"", "\"\\\" <sip:evil@example.com>;tag=1, \\\"\""),
        ("Zoë 佐藤", "\"Zoë 佐藤\""),
        ("e\u{301}\r\n", "\"e\u{301}\""),
    ])
    func namesAreQuoted(name: String, expected: String) throws {
        #expect(InviteBuilder.quote(name) == expected)
        #expect(
            headers(try .sample(name: name)).from == "\(expected) <sip:+17085852753@gw.example;user=phone>;tag=f00d")
    }

    @Test func anEmptyNameIsNone() throws {
        #expect(headers(try .sample(name: "")).from == "<sip:+17085852753@gw.example;user=phone>;tag=f00d")
    }

    /// Whatever the name, From is one line of one quoted-string and one address (RFC 3261 §25.1).
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func noNameBreaksOut(seed: UInt64) throws {
        var random = SeededRandom(state: seed)
        let alphabet = Array("\"\\\r\n<>;,:\u{0}\u{b}\u{85}\u{2028}ab@ ".unicodeScalars)
        for _ in 0..<200 {
            var name = "x"
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                name.unicodeScalars.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            let from = headers(try .sample(name: name)).from
            let rest = " <sip:+17085852753@gw.example;user=phone>;tag=f00d"
            #expect(from.hasSuffix(rest))
            var quoted = Array(from.unicodeScalars.dropLast(rest.unicodeScalars.count))
            #expect(quoted.removeFirst() == "\"")
            #expect(quoted.popLast() == "\"")
            var isEscaped = false
            for scalar in quoted {
                #expect(scalar.value >= 0x20 && scalar.value != 0x7F)
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else {
                    #expect(scalar != "\"", "the name ends before its end: \(from.debugDescription)")
                }
            }
            #expect(!isEscaped)
        }
    }
}
