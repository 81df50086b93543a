import TestPeer
import TestSink
import TestTLS
import Testing

/// Keys that the provider publishes at an https URL (docs/authentication.md, "Mode jwt").
@Suite(.sharing) struct RemoteKeyTests {
    private static let issuer = Result { try TokenIssuer() }
    /// The same provider's next key.
    private static let nextIssuer = Result { try TokenIssuer(keyID: "test-2") }
    private static let unknownSession = "\(Attempt.sessions)/unknown"

    private func run(
        _ script: @escaping TokenProvider.Script, _ body: (Scene, TokenProvider) async throws -> Void
    ) async throws {
        let provider = try TokenProvider(script: script)
        defer { provider.stop() }
        try await Scene.run(.remoteKeys(provider.url("/jwks"))) { try await body($0, provider) }
    }

    private func token(_ issuer: TokenIssuer, flaw: TokenIssuer.Flaw? = nil) throws -> String {
        try issuer.token(scopes: callScopes, phoneNumber: Attempt.caller, flaw: flaw)
    }

    /// Reads a session that does not exist until the answer is `outcome`: a good token's is 404.
    private func reads(_ outcome: String, _ scene: Scene, _ token: String) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        var seen = ""
        while ContinuousClock.now < deadline {
            seen = try await scene.http.send("GET", Self.unknownSession, headers: bearer(token)).outcome
            if seen == outcome { return }
            // Nothing tells from outside that the gateway has taken the new keys: ask again soon.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PatienceLost("\(outcome) to a token, last seen \(seen)", ladder: scene.gateway.logTail)
    }

    @Test("Keys come over https, and a token of theirs makes a call; one fetch serves all requests")
    func fetched() async throws {
        let issuer = try Self.issuer.get()
        try await run({ _ in .json(issuer.keySet) }) { scene, provider in
            let good = try token(issuer)
            try await reads("404 NOT_FOUND", scene, good)
            let attempt = scene.attempt()
            async let reply = attempt.post(headers: bearer(good))
            try await attempt.call.invite().respond(180)
            _ = try attempt.sessionID(of: try await reply)
            let fetch = try #require(await provider.arrivals.next())
            #expect(fetch.method == "GET" && fetch.path == "/jwks" && fetch.headers["authorization"] == nil)
            #expect(provider.requestCount == 1)
        }
    }

    @Test("A token with a flaw is 401 and reaches no peer")
    func flawed() async throws {
        let issuer = try Self.issuer.get()
        try await run({ _ in .json(issuer.keySet) }) { scene, _ in
            try await reads("404 NOT_FOUND", scene, try token(issuer))
            let before = scene.peer.requestCount
            for flaw in TokenIssuer.Flaw.allCases {
                let attempt = scene.attempt()
                let response = try await attempt.post(headers: bearer(try token(issuer, flaw: flaw)))
                #expect(response.outcome == "401 UNAUTHENTICATED", "\(flaw): \(response.text)")
                #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer") ?? false, "\(flaw)")
            }
            try await scene.peer.fence(scene.gateway.sip)
            #expect(scene.peer.requestCount == before)
        }
    }

    @Test("A key the provider has begun to sign with is fetched because a token names it")
    func rotation() async throws {
        let (old, new) = (try Self.issuer.get(), try Self.nextIssuer.get())
        try await run({ _ in .json(old.keySet) }) { scene, provider in
            try await reads("404 NOT_FOUND", scene, try token(old))
            provider.answer { _ in .json(TokenIssuer.keySet([old, new])) }
            let first = try await scene.http.send("GET", Self.unknownSession, headers: bearer(try token(new)))
            #expect(first.outcome == "401 UNAUTHENTICATED")
            try await reads("404 NOT_FOUND", scene, try token(new))
            try await reads("404 NOT_FOUND", scene, try token(old))
            #expect(provider.requestCount == 2)
        }
    }

    @Test("A key that is gone from the set takes its tokens with it, remembered ones too")
    func withdrawal() async throws {
        let (old, new) = (try Self.issuer.get(), try Self.nextIssuer.get())
        try await run({ _ in .json(old.keySet) }) { scene, provider in
            try await reads("404 NOT_FOUND", scene, try token(old))
            let remembered = try token(old)
            try await reads("404 NOT_FOUND", scene, remembered)
            provider.answer { _ in .json(new.keySet) }
            try await reads("404 NOT_FOUND", scene, try token(new))
            try await reads("401 UNAUTHENTICATED", scene, remembered)
        }
    }

    @Test("A thousand tokens with unknown keys are 401 each, and the provider is asked once more")
    func unknownKeys() async throws {
        let issuer = try Self.issuer.get()
        try await run({ _ in .json(issuer.keySet) }) { scene, provider in
            let good = try token(issuer)
            try await reads("404 NOT_FOUND", scene, good)
            let start = ContinuousClock.now
            let outcomes = try await withThrowingTaskGroup(of: [String: Int].self) { group in
                for worker in 0..<10 {
                    group.addTask {
                        var outcomes: [String: Int] = [:]
                        for number in 0..<100 {
                            let forged = TokenIssuer.relabelled(good, keyID: "forged-\(worker)-\(number)")
                            let answer = try await scene.http.send(
                                "GET", Self.unknownSession, headers: bearer(forged))
                            outcomes[answer.outcome, default: 0] += 1
                        }
                        return outcomes
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
            let periods = Int((ContinuousClock.now - start) / .seconds(10))
            #expect(outcomes == ["401 UNAUTHENTICATED": 1_000])
            // The first fetch, the one for the first unknown key, and one more for every 10 s this has taken.
            _ = await provider.arrivals.next()
            _ = await provider.arrivals.next()
            #expect((2...(2 + periods)).contains(provider.requestCount), "\(provider.requestCount)")
            try await reads("404 NOT_FOUND", scene, good)
        }
    }

    @Test("A provider that is down at the start keeps tokens at 503, nothing else; it is asked again until it answers")
    func downAtStart() async throws {
        let issuer = try Self.issuer.get()
        let port = try FreePort.next()
        try await Scene.run(.remoteKeys("https://localhost:\(port)/jwks")) { scene in
            let attempt = scene.attempt()
            let refused = try await attempt.post(headers: bearer(try token(issuer)))
            #expect(refused.outcome == "503 UNAVAILABLE", attempt.ladder)
            #expect(refused["Retry-After"].flatMap { Int($0) }.map { (1...60).contains($0) } ?? false)
            // What could never be a good token is told so.
            let forged = try await attempt.post(headers: bearer(try token(issuer, flaw: .unsigned)))
            #expect(forged.outcome == "401 UNAUTHENTICATED", attempt.ladder)
            #expect(try await scene.http.send("GET", "/openapi.json").status == 200)
            try await attempt.fence()
            #expect(attempt.call.unread.isEmpty, attempt.ladder)

            let provider = try TokenProvider(port: port) { _ in .json(issuer.keySet) }
            defer { provider.stop() }
            try await reads("404 NOT_FOUND", scene, try token(issuer))
        }
    }

    @Test("A provider whose certificate is not trusted is none")
    func untrusted() async throws {
        let issuer = try Self.issuer.get()
        let stranger = try TestSink(try TestAuthority()) { _ in .raw(issuer.keySet) }
        defer { stranger.stop() }
        try await Scene.run(.remoteKeys(stranger.url("/jwks"))) { scene in
            let refused = try await scene.http.send("GET", Self.unknownSession, headers: bearer(try token(issuer)))
            #expect(refused.outcome == "503 UNAVAILABLE")
            // It is the certificate, not that nobody has asked yet.
            let deadline = ContinuousClock.now + Patience.standard
            while stranger.failedHandshakes == 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(stranger.failedHandshakes > 0)
            #expect(stranger.requests.isEmpty)
        }
    }
}
