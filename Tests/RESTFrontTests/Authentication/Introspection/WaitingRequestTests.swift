import CallCore
import Foundation
import TestPeer
import TestSink
import Testing

@testable import RESTFront

/// Requests that wait for a provider, on a live server.
///
/// One after the other: they block on sockets, and side by side they would keep each other's threads.
@Suite(.serialized) struct WaitingRequestTests {
    static let scopes = "webrtc-call-handling:sessions:create webrtc-call-handling:sessions:read"
    static let active = #"{"active":true,"client_id":"app","phone_number":"+17085852753","scope":"\#(scopes)"}"#
    static let bearer = ["Authorization: Bearer token", "Content-Type: application/json"]

    private func authenticator(
        _ provider: TestProvider, _ adjust: (inout IntrospectionAuthenticator.Settings) -> Void = { _ in }
    ) throws -> IntrospectionAuthenticator {
        var settings = IntrospectionAuthenticator.Settings(
            url: try provider.url("/introspect"), clientID: "gateway", clientSecret: "s3cret")
        // However late a busy machine gets there: what takes too long is not what is looked at here.
        settings.timeout = .seconds(120)
        adjust(&settings)
        return try IntrospectionAuthenticator(settings)
    }

    @Test func aRequestGoesOnWhenTheAnswerComes() async throws {
        let provider = try TestProvider { _ in .json(Self.active) }
        try await withServer(authenticator: try authenticator(provider)) { address, calls in
            let client = try RawClient(address)
            for _ in 0..<3 {
                let response = try client.exchange(
                    "POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
                #expect(response.status == 201)
            }
            #expect(calls.created.count == 3)
            #expect(calls.created.allSatisfy { $0.owner.client == "app" })
            #expect(provider.requests.count == 1)
        }
    }

    @Test func aRefusalComesLaterToo() async throws {
        let provider = try TestProvider { _ in .json(#"{"active":false}"#) }
        try await withServer(authenticator: try authenticator(provider)) { address, calls in
            let client = try RawClient(address)
            let response = try client.exchange("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
            #expect(response.status == 401)
            #expect(response.header("WWW-Authenticate") == "Bearer")
            provider.answer { _ in .answer(500) }
            let other = try client.exchange(
                "GET", "/webrtc/sessions/A", headers: ["Authorization: Bearer other", "x-correlator: mine"])
            #expect(other.status == 503)
            #expect(other.code == "UNAVAILABLE")
            #expect(other.header("Retry-After") == "2")
            #expect(other.header("x-correlator") == "mine")
            #expect(calls.created.isEmpty)
        }
    }

    @Test func aHundredRequestsWithOneTokenAreOneQuestion() async throws {
        let gate = Gate()
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let authenticator = try authenticator(provider)
        try await withServer(authenticator: authenticator) { address, calls in
            let clients = try (0..<100).map { _ in try RawClient(address) }
            for client in clients {
                client.send("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
            }
            let deadline = ContinuousClock.now + Patience.standard
            while authenticator.waiting < 100, ContinuousClock.now < deadline { await Task.yield() }
            gate.open()
            for client in clients { #expect(try client.receive().status == 201) }
            #expect(calls.created.count == 100)
            #expect(provider.requests.count == 1)
        }
    }

    @Test func aClientThatLeavesLeavesNothingBehind() async throws {
        let gate = Gate()
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let records = Mailbox<RequestRecord>()
        let authenticator = try authenticator(provider)
        try await withServer(
            authenticator: authenticator, configure: { $0.onRequest = { records.put($0) } }
        ) { address, calls in
            do {
                let leaver = try RawClient(address)
                leaver.send("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
                #expect(await provider.arrivals.next() != nil)
            }
            // The server has noticed.
            #expect(await records.next()?.status == 0)
            gate.open()
            // The next one has the answer the first one asked for, and only its call is placed.
            let client = try RawClient(address)
            let response = try client.exchange("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
            #expect(response.status == 201)
            #expect(calls.created.count == 1)
            #expect(calls.abandoned.isEmpty)
            #expect(authenticator.waiting == 0)
        }
    }

    /// Who has left waits no more: others get the places, while the provider is still silent.
    @Test func clientsThatLeaveFreeTheirPlaces() async throws {
        let gate = Gate()
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let records = Mailbox<RequestRecord>()
        let authenticator = try authenticator(provider) {
            $0.questions = 1
            $0.waiting = 2
        }
        try await withServer(
            authenticator: authenticator, configure: { $0.onRequest = { records.put($0) } }
        ) { address, calls in
            for index in 0..<2 {
                let leaver = try RawClient(address)
                let headers = ["Authorization: Bearer token\(index)", "Content-Type: application/json"]
                leaver.send("POST", "/webrtc/sessions", headers: headers, body: Sample.create)
                if index == 0 { #expect(await provider.arrivals.next() != nil) }
            }
            for _ in 0..<2 { #expect(await records.next()?.status == 0) }
            let client = try RawClient(address)
            client.send("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
            let deadline = ContinuousClock.now + Patience.standard
            while authenticator.waiting < 1, ContinuousClock.now < deadline { await Task.yield() }
            gate.open()
            #expect(try client.receive().status == 201)
            #expect(calls.created.count == 1)
        }
    }

    /// What is carried out for those who left waits too, but cannot keep others from waiting.
    @Test func fewOfThoseWhoLeftKeepAPlace() async throws {
        let gate = Gate()
        defer { gate.open() }
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let records = Mailbox<RequestRecord>()
        let authenticator = try authenticator(provider) { $0.questions = 1 }
        let leavers = HTTPLoop.maximumOrphans + 6
        try await withServer(
            authenticator: authenticator, configure: { $0.onRequest = { records.put($0) } }
        ) { address, _ in
            for index in 0..<leavers {
                let leaver = try RawClient(address)
                leaver.send("DELETE", "/webrtc/sessions/A", headers: ["Authorization: Bearer t\(index)"], body: "")
            }
            for _ in 0..<leavers { #expect(await records.next()?.status == 0) }
            #expect(authenticator.waiting == HTTPLoop.maximumOrphans)
            gate.open()
        }
    }

    /// The loop looks for leavers now and then only; here the provider's answer mostly comes first.
    @Test func aClientThatLeavesUnseenIsNotServed() async throws {
        let records = Mailbox<RequestRecord>()
        let provider = try TestProvider { _ in .json(Self.active) }
        try await withServer(
            authenticator: try authenticator(provider), configure: { $0.onRequest = { records.put($0) } }
        ) { address, calls in
            for index in 0..<5 {
                let gate = Gate()
                provider.answer { _ in .wait(gate, .json(Self.active)) }
                do {
                    let leaver = try RawClient(address)
                    let headers = ["Authorization: Bearer token\(index)"]
                    leaver.send("POST", "/webrtc/sessions", headers: headers, body: Sample.create)
                    #expect(await provider.arrivals.next() != nil)
                }
                gate.open()
                #expect(await records.next()?.status == 0)
            }
            #expect(calls.created.isEmpty)
        }
    }

    /// Who hangs up and goes has hung up, whether the server has seen it go or not.
    @Test(arguments: [true, false]) func aClientThatHangsUpAndLeavesHasHungUp(isSeen: Bool) async throws {
        let gate = Gate()
        let scopes = "webrtc-call-handling:sessions:delete webrtc-call-handling:sessions:read"
        let active =
            #"{"active":true,"client_id":"app","phone_number":"+17085852753","scope":"\#(scopes)"}"#
        let provider = try TestProvider { _ in .wait(gate, .json(active)) }
        let records = Mailbox<RequestRecord>()
        let calls = FakeCalls()
        let owner = SessionOwner(client: "app", user: PhoneNumber("+17085852753"))
        calls.add(Sample.session("A", owner: owner, status: .connected))
        try await withServer(
            calls: calls, authenticator: try authenticator(provider), configure: { $0.onRequest = { records.put($0) } }
        ) { address, calls in
            do {
                let leaver = try RawClient(address)
                leaver.send("DELETE", "/webrtc/sessions/A", headers: ["Authorization: Bearer token"], body: "")
                #expect(await provider.arrivals.next() != nil)
            }
            if isSeen { #expect(await records.next()?.status == 0) }
            gate.open()
            // It may be answered from what is remembered, before the answer that the first one waited for has been seen to.
            let client = try RawClient(address)
            let response = try client.exchange("GET", "/webrtc/sessions/A", headers: ["Authorization: Bearer token"])
            #expect(response.status == 200)
            let deadline = ContinuousClock.now + Patience.standard
            while calls.ended.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(calls.ended == [SessionID(rawValue: "A")])
        }
    }

    /// Nobody waits for an answer any more, and nothing was to be ended.
    @Test(arguments: [("GET", "/webrtc/sessions/A"), ("PUT", "/webrtc/sessions/A/status")])
    func whatEndsNothingIsNotCarriedOutForWhoHasLeft(method: String, path: String) async throws {
        let gate = Gate()
        defer { gate.open() }
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        let records = Mailbox<RequestRecord>()
        let authenticator = try authenticator(provider)
        try await withServer(
            authenticator: authenticator, configure: { $0.onRequest = { records.put($0) } }
        ) { address, calls in
            do {
                let leaver = try RawClient(address)
                leaver.send(method, path, headers: Self.bearer, body: method == "PUT" ? #"{"status":"Hold"}"# : "")
                try #require(await provider.arrivals.next() != nil)
            }
            #expect(await records.next()?.status == 0)
            // Its place is free, though the provider has not answered.
            #expect(authenticator.waiting == 0)
            gate.open()
            let client = try RawClient(address)
            #expect(try client.exchange("GET", "/webrtc/sessions/B", headers: Self.bearer).status == 404)
            #expect(calls.lookUps == 1)
            #expect(calls.updated.isEmpty)
        }
    }

    /// A request that comes in whole when everybody has been told to go still waits when the loop ends.
    @Test func aRequestThatWaitsAtTheVeryEndIsFreedOnce() async throws {
        let calls = FakeCalls()
        calls.holdCreates()
        var options = RESTServer.Options(listen: [.tcp(host: "127.0.0.1", port: 0)])
        // What comes late comes within these, however busy the machine is.
        options.limits.farewell = Patience.standard / 5
        options.limits.request = Patience.standard * 10
        let server = RESTServer(options: options, calls: calls, authenticator: InsecureAuthenticator())
        let address = try server.start()[0]
        let first = try RawClient(address)
        let late = try (0..<8).map { _ in try RawClient(address) }
        let body = Sample.create
        for client in late { client.send("POST /webrtc/sessions HTTP/1.1\r\nHost: localhost\r\n") }
        // A later connection's request is answered when the others' bytes have been read.
        #expect(try first.exchange("GET", "/webrtc/sessions/none").status == 404)
        first.send("POST", "/webrtc/sessions", body: body)
        #expect(came(calls.createdSignal))
        async let stopped: Void = server.stop(within: .zero)
        // Told to go; a moment later the loop ends, whatever waits then.
        #expect(try first.receive().status == 503)
        for client in late { client.send("Content-Length: \(body.utf8.count)\r\n\r\n\(body)") }
        for _ in late { try #require(came(calls.createdSignal)) }
        await stopped
        #expect(calls.created.count == 9)
        #expect(Set(calls.abandoned) == Set(calls.created.map(\.id)))
        for client in late { #expect(client.isClosedByPeer()) }
    }

    @Test func aServerThatEndsAnswersWhatWaits() async throws {
        let gate = Gate()
        defer { gate.open() }
        let provider = try TestProvider { _ in .wait(gate, .json(Self.active)) }
        var options = RESTServer.Options(listen: [.tcp(host: "127.0.0.1", port: 0)])
        options.limits.answer = .seconds(30)
        let calls = FakeCalls()
        let server = RESTServer(options: options, calls: calls, authenticator: try authenticator(provider))
        let client = try RawClient(try server.start()[0])
        client.send("POST", "/webrtc/sessions", headers: Self.bearer, body: Sample.create)
        try #require(await provider.arrivals.next() != nil)
        await server.stop(within: .milliseconds(10))
        #expect(try client.receive().status == 503)
        #expect(calls.created.isEmpty)
    }
}
