import Foundation
import TestPeer
import TestSink
import Testing

/// Tokens that the provider is asked about, over HTTPS (docs/authentication.md, "Mode introspection").
@Suite(.sharing) struct IntrospectionTests {
    /// A provider's word on a good token.
    private static let active = """
        {"active": true, "client_id": "app-1", "phone_number": "\(Attempt.caller)", \
        "scope": "\(callScopes.joined(separator: " "))"}
        """
    private static let inactive = #"{"active": false}"#
    private static let unknownSession = "\(Attempt.sessions)/unknown"

    private func run(
        _ script: @escaping TokenProvider.Script, _ body: (Scene, TokenProvider) async throws -> Void
    ) async throws {
        let provider = try TokenProvider(script: script)
        defer { provider.stop() }
        try await Scene.run(.introspection(provider)) { try await body($0, provider) }
    }

    @Test("An active token makes a call, and the provider is asked once, as the client it knows")
    func active() async throws {
        try await run({ _ in .json(Self.active) }) { scene, provider in
            let attempt = scene.attempt()
            async let reply = attempt.post(headers: bearer("good.token~1+/="))
            try await attempt.call.invite().respond(180)
            let id = try attempt.sessionID(of: try await reply)
            for _ in 0..<20 {
                let read = try await scene.http.send(
                    "GET", "\(Attempt.sessions)/\(id)", headers: bearer("good.token~1+/="))
                #expect(read.status == 200, "\(read.text)")
            }
            #expect(provider.requestCount == 1)
            let asked = try #require(await provider.arrivals.next())
            #expect(asked.method == "POST" && asked.path == "/introspect")
            #expect(asked.headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") ?? false)
            #expect(asked.form == ["token": "good.token~1+/=", "token_type_hint": "access_token"])
            // RFC 6749 §2.3.1: both are form-encoded before they are joined by a colon.
            let pair = Data("gate%3Away:s%20e%2Fc%2Br%3Aet".utf8).base64EncodedString()
            #expect(asked.headers["authorization"] == "Basic \(pair)")
            // Another token is another question.
            _ = try await scene.http.send("GET", Self.unknownSession, headers: bearer("another"))
            #expect(provider.requestCount == 2)
        }
    }

    @Test("An inactive token is 401, reaches no peer, and is not asked about at once again")
    func inactive() async throws {
        try await run({ _ in .json(Self.inactive) }) { scene, provider in
            let attempt = scene.attempt()
            for _ in 0..<3 {
                let response = try await attempt.post(headers: bearer("forged"))
                #expect(response.outcome == "401 UNAUTHENTICATED", attempt.ladder)
                #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer") ?? false, attempt.ladder)
            }
            #expect(provider.requestCount == 1)
            try await attempt.fence()
            #expect(attempt.call.unread.isEmpty, attempt.ladder)
        }
    }

    @Test("A provider that fails is 503 with Retry-After, and nothing of it is remembered", arguments: [500, 302, 401])
    func failing(status: Int) async throws {
        try await run({ _ in .failure(status) }) { scene, provider in
            let attempt = scene.attempt()
            let refused = try await attempt.post(headers: bearer("good"))
            #expect(refused.outcome == "503 UNAVAILABLE", attempt.ladder)
            #expect(refused["Retry-After"] == "2", attempt.ladder)
            try await attempt.fence()
            #expect(attempt.call.unread.isEmpty, attempt.ladder)
            provider.answer { _ in .json(Self.active) }
            let read = try await scene.http.send("GET", Self.unknownSession, headers: bearer("good"))
            #expect(read.outcome == "404 NOT_FOUND", "\(read.text)")
        }
    }

    @Test("A provider that is gone is 503; a token that is remembered still works")
    func gone() async throws {
        try await run({ _ in .json(Self.active) }) { scene, provider in
            let known = try await scene.http.send("GET", Self.unknownSession, headers: bearer("good"))
            #expect(known.outcome == "404 NOT_FOUND")
            provider.stop()
            let refused = try await scene.http.send("GET", Self.unknownSession, headers: bearer("new"))
            #expect(refused.outcome == "503 UNAVAILABLE" && refused["Retry-After"] == "2", "\(refused.text)")
            let remembered = try await scene.http.send("GET", Self.unknownSession, headers: bearer("good"))
            #expect(remembered.outcome == "404 NOT_FOUND", "\(remembered.text)")
        }
    }

    @Test("While the provider says nothing, other requests are answered; the one that waits is 503 in its time")
    func silent() async throws {
        let gate = Gate()
        try await run({ request in
            request.form["token"] == "slow" ? .late(gate, Self.active) : .json(Self.active)
        }) { scene, provider in
            defer { gate.open() }
            let start = ContinuousClock.now
            async let slow = scene.http.send("GET", Self.unknownSession, headers: bearer("slow"))
            _ = await provider.arrivals.next { $0.form["token"] == "slow" }
            var first: Duration?
            for token in ["quick-0", "quick-1", "quick-0"] {
                let other = try await scene.http.send("GET", Self.unknownSession, headers: bearer(token))
                #expect(other.outcome == "404 NOT_FOUND", "\(other.text)")
                first = first ?? ContinuousClock.now - start
            }
            #expect(provider.requestCount == 3)
            let refused = try await slow
            let whole = ContinuousClock.now - start
            #expect(refused.outcome == "503 UNAVAILABLE" && refused["Retry-After"] == "2", "\(refused.text)")
            // Held up, even the first would have waited for the slow one's 2 s; how long all take is the machine's affair.
            #expect(try #require(first) < whole)
            #expect(whole >= .milliseconds(1_900))
        }
    }

    @Test("Who hangs up and leaves while the provider is asked has hung up")
    func leavesAfterDelete() async throws {
        let gate = Gate()
        try await run({ request in
            request.form["token"] == "second" ? .late(gate, Self.active) : .json(Self.active)
        }) { scene, provider in
            defer { gate.open() }
            let attempt = scene.attempt()
            async let reply = attempt.post(headers: bearer("first"))
            let invite = try await attempt.call.invite()
            invite.respond(200, sdp: SDP.answer())
            let id = try attempt.sessionID(of: try await reply)
            _ = try await attempt.call.request(.ack)
            let leaver = try HTTPConnection(port: scene.gateway.configuration.httpPort)
            leaver.send("DELETE", "\(Attempt.sessions)/\(id)", headers: bearer("second"))
            _ = await provider.arrivals.next { $0.form["token"] == "second" }
            leaver.close()
            gate.open()
            try await attempt.call.acceptBye()
        }
    }

    @Test("A POST whose client leaves while the provider is asked sends nothing")
    func leavesAfterPost() async throws {
        let gate = Gate()
        try await run({ request in
            request.form["token"] == "late" ? .late(gate, Self.active) : .json(Self.active)
        }) { scene, provider in
            defer { gate.open() }
            let attempt = scene.attempt()
            let leaver = try HTTPConnection(port: scene.gateway.configuration.httpPort)
            let type = WireMessage.Header("Content-Type", "application/json")
            leaver.send("POST", Attempt.sessions, headers: bearer("late") + [type], body: try attempt.body().bytes)
            _ = await provider.arrivals.next { $0.form["token"] == "late" }
            leaver.close()
            // The gateway has seen the end once a later connection's request is answered: it reads in order.
            _ = try await scene.http.send("GET", Self.unknownSession, headers: bearer("other"))
            async let waiter = scene.http.send("GET", Self.unknownSession, headers: bearer("late"))
            gate.open()
            #expect(try await waiter.outcome == "404 NOT_FOUND")
            try await attempt.fence()
            #expect(attempt.call.unread.filter { $0 == .invite }.isEmpty, attempt.ladder)
        }
    }
}
