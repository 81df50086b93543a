import CallCore
import Curl
import Foundation
import TestPeer
import TestSink
import TestTLS
import Testing

@testable import RESTFront

/// Tokens verified with the keys of a provider on loopback.
@Suite struct RemoteKeySetTests {
    let issuer = TestIssuer()

    /// A key set being fetched, the tokens' judge, and what is told of the provider.
    private struct Subject {
        let authenticator: JWTAuthenticator
        let keys: RemoteKeySet
        let changes: Mailbox<ProviderChange>

        init(
            _ url: ProviderURL, certificates: String? = nil, configure: (inout RemoteKeySet.Settings) -> Void = { _ in }
        )
            throws
        {
            let changes = Mailbox<ProviderChange>()
            var settings = RemoteKeySet.Settings(url: url)
            settings.certificates = certificates
            settings.onChange = { changes.put($0) }
            configure(&settings)
            keys = try RemoteKeySet(settings)
            authenticator = JWTAuthenticator(
                JWTAuthenticator.Settings(issuer: "https://idp.example", audience: "gateway"), keys: keys,
                now: { JWTAuthenticatorTests.now })
            self.changes = changes
        }

        /// The status a token gets.
        func status(_ authorization: String) -> Int {
            do throws(CAMARAError) {
                _ = try authenticator.caller(authorization)
                return 200
            } catch {
                if error.status == 503 { #expect((error.retryAfter ?? 0) >= 1) }
                return error.status
            }
        }

        /// The status as soon as it is `expected`; the last one if it does not become so.
        func status(_ authorization: String, becomes expected: Int) async -> Int {
            let deadline = ContinuousClock.now + Patience.standard
            while status(authorization) != expected, ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(2))
            }
            return status(authorization)
        }
    }

    private func bearer(_ kid: String, claims: [String: Any] = [:], signedBy signer: String? = nil) -> String {
        "Bearer "
            + issuer.token(
                .ec(signer ?? kid), algorithm: "ES256", header: ["kid": kid],
                claims: JWTAuthenticatorTests.claims(claims))
    }

    @Test func aProviderThatAnswers() async throws {
        let set = issuer.keySet([.ec("a"), .rsa("r")])
        let provider = try TestProvider { _ in .keys(set) }
        let subject = try Subject(provider.url())
        #expect(await subject.changes.next() == .answers)
        #expect(subject.keys.isReady)
        #expect(subject.status(bearer("a")) == 200)
        #expect(subject.status(bearer("a", claims: ["exp": JWTAuthenticatorTests.now - 60])) == 401)
        #expect(subject.status(bearer("a", signedBy: "other")) == 401)
        let request = try #require(provider.requests.first)
        #expect(request.method == "GET")
        #expect(request.path == "/keys")
        #expect(request.headers["authorization"] == nil)
        #expect(provider.requests.count == 1)
    }

    @Test func aProviderThatIsDownAtTheStart() async throws {
        let port = try FreePort.next()
        let subject = try Subject(try ProviderURL("http://127.0.0.1:\(port)/keys")) { settings in
            settings.bounds.firstRetry = .milliseconds(20)
            settings.bounds.longestRetry = .milliseconds(50)
        }
        let good = bearer("a")
        #expect(await subject.changes.next() == .fails(.notConnected))
        #expect(!subject.keys.isReady)
        #expect(subject.status(good) == 503)
        // What could never be good is not made the provider's fault.
        #expect(subject.status("Bearer nonsense") == 401)
        let none = TestIssuer.base64url(#"{"alg":"none"}"#)
        #expect(subject.status("Bearer \(none).\(none).") == 401)
        let set = issuer.keySet([.ec("a")])
        let provider = try TestProvider(port: port) { _ in .keys(set) }
        #expect(await subject.changes.next() == .answers)
        #expect(subject.status(good) == 200)
        provider.stop()
    }

    @Test func aProviderThatIsDownLater() async throws {
        let set = issuer.keySet([.ec("a")])
        let provider = try TestProvider { _ in .keys(set) }
        let subject = try Subject(provider.url()) { settings in
            settings.bounds.standard = .milliseconds(100)
            settings.bounds.firstRetry = .milliseconds(20)
        }
        #expect(await subject.changes.next() == .answers)
        provider.stop()
        #expect(await subject.changes.next() == .fails(.notConnected))
        #expect(subject.status(bearer("a")) == 200)
        #expect(subject.keys.isReady)
    }

    @Test func oldKeysDoNotStayGoodForEver() async throws {
        let set = issuer.keySet([.ec("a")])
        let provider = try TestProvider { _ in .keys(set) }
        let subject = try Subject(provider.url()) { settings in
            settings.bounds.standard = .milliseconds(100)
            settings.bounds.firstRetry = .seconds(60)
            settings.bounds.grace = .zero
        }
        #expect(await subject.changes.next() == .answers)
        provider.answer { _ in .answer(500) }
        #expect(await subject.changes.next() == .fails(.status(500)))
        #expect(subject.status(bearer("a")) == 503)
        #expect(!subject.keys.isReady)
    }

    @Test func rotatedKeys() async throws {
        let (first, second) = (issuer.keySet([.ec("a")]), issuer.keySet([.ec("b")]))
        let provider = try TestProvider { _ in .keys(first) }
        let subject = try Subject(provider.url())
        #expect(await subject.changes.next() == .answers)
        let (old, new) = (bearer("a"), bearer("b"))
        #expect(subject.status(old) == 200)
        provider.answer { _ in .keys(second) }
        #expect(subject.status(new) == 401, "the keys are fetched behind its back")
        #expect(await subject.status(new, becomes: 200) == 200)
        #expect(provider.requests.count == 2)
        // Two, or three if the keys changed while the first of its tokens was on its way.
        let checked = subject.authenticator.signaturesChecked
        #expect((2...3).contains(checked))
        // Its key was taken back, so it is no longer remembered either.
        #expect(subject.status(old) == 401)
        #expect(subject.authenticator.signaturesChecked == checked)
    }

    @Test func aNewKeyBesideTheOldOneCostsNoToken() async throws {
        let (first, second) = (issuer.keySet([.ec("a")]), issuer.keySet([.ec("a"), .ec("b")]))
        let provider = try TestProvider { _ in .keys(first) }
        let subject = try Subject(provider.url())
        #expect(await subject.changes.next() == .answers)
        let (old, new) = (bearer("a"), bearer("b"))
        #expect(subject.status(old) == 200)
        provider.answer { _ in .keys(second) }
        #expect(await subject.status(new, becomes: 200) == 200)
        #expect(subject.status(old) == 200)
        #expect(subject.authenticator.signaturesChecked == 2, "the old token was remembered")
    }

    @Test func aThousandUnknownKeysCostOneFetch() async throws {
        let set = issuer.keySet([.ec("a")])
        let provider = try TestProvider { _ in .keys(set) }
        let subject = try Subject(provider.url())
        #expect(await subject.changes.next() == .answers)
        let good = bearer("a")
        let parts = good.dropFirst("Bearer ".count).split(separator: ".").map(String.init)
        for index in 0..<1_000 {
            let header = TestIssuer.base64url(#"{"alg":"ES256","kid":"k\#(index)"}"#)
            #expect(subject.status("Bearer \(header).\(parts[1]).\(parts[2])") == 401)
        }
        #expect(subject.authenticator.signaturesChecked == 0)
        #expect(await provider.arrivals.next() != nil)
        #expect(await provider.arrivals.next() != nil)
        // Questions are asked in order: when this one has been answered, whatever came before it has been seen.
        let fence = FetchRequest(url: try provider.url("/fence"), timeout: .seconds(10), maximumBytes: 1 << 16)
        await withCheckedContinuation { continuation in
            subject.keys.fetcher.fetch(fence) { _ in continuation.resume() }
        }
        #expect(provider.requests.count { $0.path == "/keys" } == 2)
        #expect(subject.status(good) == 200)
        // Without a kid there is nothing to ask the provider for.
        let nameless = TestIssuer.base64url(#"{"alg":"RS256"}"#)
        #expect(subject.status("Bearer \(nameless).\(parts[1]).\(parts[2])") == 401)
    }

    @Test func aSlowProvider() async throws {
        let gate = Gate()
        defer { gate.open() }
        let set = issuer.keySet([.ec("a")])
        let provider = try TestProvider { _ in .wait(gate, .keys(set)) }
        let subject = try Subject(provider.url()) { $0.timeout = .milliseconds(200) }
        _ = await provider.arrivals.next()
        #expect(subject.status(bearer("a")) == 503)
        #expect(await subject.changes.next() == .fails(.timeout))
    }

    @Test(arguments: [
        ("garbage", TestProvider.Reply.json("<html>"), nil as ProviderFailure?),
        ("another object", .json("{}"), nil),
        ("no usable key", .json(#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#), nil),
        ("not HTTP", .raw("220 smtp.example ESMTP\r\n"), .unreadable("it is not HTTP/1")),
        ("nothing", .close, .disconnected),
        ("cut off", .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), .disconnected),
        ("an error", .answer(500, "{}"), .status(500)),
        ("no content", .answer(204), .status(204)),
        (
            "megabytes", .json(String(repeating: " ", count: 4 << 20)),
            .tooLong(bytes: RemoteKeySet.maximumBytes)
        ),
        (
            "megabytes without a length",
            .raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: " ", count: 4 << 20)),
            .tooLong(bytes: RemoteKeySet.maximumBytes)
        ),
    ])
    func answersThatAreNoKeySet(name: String, reply: TestProvider.Reply, failure: ProviderFailure?) async throws {
        let provider = try TestProvider { _ in reply }
        let subject = try Subject(provider.url()) { $0.bounds.firstRetry = .seconds(60) }
        guard case .fails(let found) = await subject.changes.next() else {
            Issue.record("\(name) was taken")
            return
        }
        if let failure {
            #expect(found == failure)
        } else if case .unreadable = found {
        } else {
            Issue.record("\(name): \(found)")
        }
        #expect(subject.status(bearer("a")) == 503)
        provider.stop()
    }

    @Test func tooManyKeys() async throws {
        let entries = (0...JSONWebKeySet.maximumKeys).map { "{\"kty\":\"OKP\",\"kid\":\"\($0)\"}" }
        let set = issuer.keySet([.ec("a")], extra: entries)
        #expect(throws: JSONWebKeySet.Unusable.self) { try JSONWebKeySet(set) }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let set = issuer.keySet([.ec("a")])
        let elsewhere = try TestProvider { _ in .keys(set) }
        let location = "http://127.0.0.1:\(elsewhere.port)/keys"
        let provider = try TestProvider { _ in .answer(302, headers: ["Location": location]) }
        let subject = try Subject(provider.url()) { $0.bounds.firstRetry = .seconds(60) }
        #expect(await subject.changes.next() == .fails(.status(302)))
        #expect(elsewhere.requests.isEmpty)
        #expect(subject.status(bearer("a")) == 503)
    }

    @Test func overTLSTheCertificateIsChecked() async throws {
        let (authority, other) = (try TestAuthority(), try TestAuthority())
        let set = String(decoding: issuer.keySet([.ec("a")]), as: UTF8.self)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(set.utf8.count)\r\nConnection: close\r\n\r\n\(set)"
        let provider = try TestSink(authority, script: { _ in .raw(answer) })
        defer { provider.stop() }
        let url = try ProviderURL(provider.url("/keys"))
        let trusting = try Subject(url, certificates: authority.ca)
        #expect(await trusting.changes.next() == .answers)
        #expect(trusting.status(bearer("a")) == 200)
        let distrusting = try Subject(url, certificates: other.ca)
        #expect(await distrusting.changes.next() == .fails(.certificate))
        let byAnotherName = try TestSink(authority, names: "DNS:other.example", script: { _ in .raw(answer) })
        defer { byAnotherName.stop() }
        let misled = try Subject(try ProviderURL(byAnotherName.url("/keys")), certificates: authority.ca)
        #expect(await misled.changes.next() == .fails(.certificate))
        #expect(byAnotherName.requests.isEmpty)
    }

    @Test func certificatesThatCannotBeRead() throws {
        var settings = RemoteKeySet.Settings(url: try ProviderURL("https://idp.example/keys"))
        settings.certificates = "/nonexistent/ca.pem"
        #expect(throws: CurlError.unreadableCertificates(path: "/nonexistent/ca.pem")) {
            try RemoteKeySet(settings)
        }
    }
}
