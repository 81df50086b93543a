import CallCore
import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

@testable import RESTFront

/// Tokens that a provider on loopback is asked about.
@Suite struct IntrospectionAuthenticatorTests {
    static let active = #"{"active":true,"client_id":"app","phone_number":"+17085852753","scope":"s"}"#
    static let caller = Caller(
        client: "app", identity: .verified(PhoneNumber("+17085852753")), grant: .scopes(["s"]))

    let clock = TestClock(1_000)

    private func authenticator(
        _ provider: TestProvider, configure: (inout IntrospectionAuthenticator.Settings) -> Void = { _ in }
    ) throws -> IntrospectionAuthenticator {
        var settings = IntrospectionAuthenticator.Settings(
            url: try provider.url("/introspect"), clientID: "gate:way", clientSecret: "s3cret")
        settings.issuer = "https://idp.example"
        settings.audience = "gateway"
        configure(&settings)
        return try IntrospectionAuthenticator(
            settings, wallClock: { IntrospectionTests.now }, clock: { [clock] in clock.nanoseconds })
    }

    /// What becomes of a token, asked for if it has to be.
    private func result(
        _ token: String, _ authenticator: IntrospectionAuthenticator
    ) async -> Result<Caller, CAMARAError> {
        do throws(CAMARAError) {
            if let caller = try authenticator.authenticate("Bearer \(token)") { return .success(caller) }
        } catch {
            return .failure(error)
        }
        return await withCheckedContinuation { continuation in
            authenticator.lookUp("Bearer \(token)") { continuation.resume(returning: $0) }
        }
    }

    @Test func anActiveToken() async throws {
        let provider = try TestProvider { _ in .json(Self.active) }
        let authenticator = try authenticator(provider)
        #expect(await result("to.k~e+n/=", authenticator) == .success(Self.caller))
        let request = try #require(provider.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/introspect")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["accept"] == "application/json")
        #expect(request.headers["authorization"] == "Basic " + Data("gate%3Away:s3cret".utf8).base64EncodedString())
        #expect(request.body == "token=to.k~e%2Bn%2F%3D&token_type_hint=access_token")
        // Remembered for a minute.
        clock.advance(by: 59)
        #expect(try authenticator.authenticate("Bearer to.k~e+n/=") == Self.caller)
        clock.advance(by: 1)
        #expect(try authenticator.authenticate("Bearer to.k~e+n/=") == nil)
        #expect(provider.requests.count == 1)
        #expect(authenticator.waiting == 0)
    }

    @Test func anActiveTokenIsBelievedUntilItsExpiryAtMost() async throws {
        let body = #"{"active":true,"client_id":"app","exp":1800000010}"#
        let provider = try TestProvider { _ in .json(body) }
        let authenticator = try authenticator(provider)
        _ = await result("t", authenticator)
        clock.advance(by: 9)
        #expect(try authenticator.authenticate("Bearer t") != nil)
        clock.advance(by: 1)
        #expect(try authenticator.authenticate("Bearer t") == nil)
    }

    @Test func anInactiveTokenIsRefusedAndRememberedForSeconds() async throws {
        let provider = try TestProvider { _ in .json(#"{"active":false}"#) }
        let authenticator = try authenticator(provider)
        for _ in 0..<10 { #expect(await result("t", authenticator) == .failure(.unauthenticated)) }
        #expect(provider.requests.count == 1)
        clock.advance(by: 5)
        provider.answer { _ in .json(Self.active) }
        #expect(await result("t", authenticator) == .success(Self.caller))
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "Bearer ä", "Bearer a\"",
        "Bearer " + String(repeating: "a", count: 9_000),
    ])
    func whatIsNoTokenIsNotAskedAbout(authorization: String?) throws {
        let provider = try TestProvider { _ in .json(Self.active) }
        let authenticator = try authenticator(provider)
        #expect(throws: CAMARAError.unauthenticated) { try authenticator.authenticate(authorization) }
        #expect(provider.requests.isEmpty)
    }

    @Test(arguments: [
        ("garbage", TestProvider.Reply.json("<html>")), ("no verdict", .json("{}")),
        ("an error", .answer(500, "{}")), ("our secret is wrong", .answer(401, #"{"active":true,"client_id":"x"}"#)),
        ("a redirect", .answer(302, headers: ["Location": "http://127.0.0.1:1/"])), ("nothing", .close),
        ("megabytes", .json(String(repeating: " ", count: 4 << 20))),
    ])
    func aProviderThatGivesNoVerdict(name: String, reply: TestProvider.Reply) async throws {
        let provider = try TestProvider { _ in reply }
        let changes = Mailbox<ProviderChange>()
        let authenticator = try authenticator(provider) { $0.onChange = { changes.put($0) } }
        guard case .failure(let error) = await result("t", authenticator) else {
            Issue.record("\(name) was taken")
            return
        }
        #expect((error.status, error.code) == (503, .unavailable))
        #expect((error.retryAfter ?? 0) >= 1)
        guard case .fails = await changes.next() else {
            Issue.record("nobody was told")
            return
        }
        // It is not remembered: the next one asks again.
        provider.answer { _ in .json(Self.active) }
        #expect(await result("t", authenticator) == .success(Self.caller))
        #expect(await changes.next() == .answers)
    }

    @Test func aSlowProvider() async throws {
        let gate = Gate()
        defer { gate.open() }
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let authenticator = try authenticator(provider) { $0.timeout = .milliseconds(200) }
        let began = ContinuousClock.now
        guard case .failure(let error) = await result("t", authenticator) else {
            Issue.record("answered")
            return
        }
        #expect(error.status == 503)
        #expect(ContinuousClock.now - began >= .milliseconds(150))
        #expect(authenticator.waiting == 0)
    }

    @Test func aProviderThatIsDown() async throws {
        let provider = try TestProvider { _ in .json(Self.active) }
        let authenticator = try authenticator(provider)
        #expect(await result("known", authenticator) == .success(Self.caller))
        provider.stop()
        #expect(await result("known", authenticator) == .success(Self.caller), "it is remembered")
        guard case .failure(let error) = await result("new", authenticator) else {
            Issue.record("answered")
            return
        }
        #expect(error.status == 503)
    }

    @Test func aHundredUsesOfATokenAreOneQuestion() async throws {
        let gate = Gate()
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let authenticator = try authenticator(provider)
        let answers = Mailbox<Result<Caller, CAMARAError>>()
        for _ in 0..<100 {
            #expect(try authenticator.authenticate("Bearer t") == nil)
            authenticator.lookUp("Bearer t") { answers.put($0) }
        }
        #expect(authenticator.waiting == 100)
        gate.open()
        for _ in 0..<100 { #expect(await answers.next() == .success(Self.caller)) }
        #expect(provider.requests.count == 1)
        #expect(authenticator.waiting == 0)
    }

    @Test func tooManyWaitersAreTurnedAway() async throws {
        let gate = Gate()
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let authenticator = try authenticator(provider) { settings in
            settings.waiting = 3
            settings.questions = 1
        }
        let answers = Mailbox<Result<Caller, CAMARAError>>()
        for index in 0..<3 { authenticator.lookUp("Bearer t\(index)") { answers.put($0) } }
        guard case .failure(let error) = await result("t3", authenticator) else {
            Issue.record("answered")
            return
        }
        #expect((error.status, error.retryAfter) == (503, 2))
        gate.open()
        for _ in 0..<3 { #expect(await answers.next() == .success(Self.caller)) }
        #expect(provider.requests.count == 3)
    }
}
