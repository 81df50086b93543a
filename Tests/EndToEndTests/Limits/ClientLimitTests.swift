import TestPeer
import Testing

/// What one client may ask for (docs/authentication.md, "Limits").
@Suite(.sharing) struct ClientLimitTests {
    private static let unknownSession = "\(Attempt.sessions)/unknown"

    private static func plan(_ limits: String) -> ScenePlan { .guarded.with { $0.limits = limits } }

    private func authorization(_ scene: Scene, _ client: String) throws -> [WireMessage.Header] {
        bearer(try scene.issuer.token(scopes: callScopes, phoneNumber: Attempt.caller, client: client))
    }

    @Test("A client that asks too often is 429; another is not, a DELETE is not, an emergency is told 501")
    func rate() async throws {
        // The bucket holds three and gets one a second: it stays empty for as long as the test needs.
        try await Scene.run(Self.plan("{requestsPerSecond: 1, burst: 3, sessions: 100}")) { scene in
            let busy = try authorization(scene, "busy")
            let attempt = scene.attempt()
            async let reply = attempt.post(headers: busy)
            try await attempt.call.invite().respond(200, sdp: SDP.answer())
            let id = try attempt.sessionID(of: try await reply)
            _ = try await attempt.call.request(.ack)

            let limited = try await emptyBucket(scene, busy)
            #expect(limited.outcome == "429 TOO_MANY_REQUESTS", "\(limited.text)")
            #expect(limited["Retry-After"] == "1")

            let other = try await scene.http.send(
                "GET", Self.unknownSession, headers: try authorization(scene, "quiet"))
            #expect(other.outcome == "404 NOT_FOUND", "\(other.text)")

            // An emergency is judged with the bucket empty: each of these would be 429 for an ordinary call.
            for change: [String: JSONValue] in [["receiverAddress": "tel:112"], ["callType": "EMERGENCY"]] {
                try await emptyBucket(scene, busy)
                let emergency = try await attempt.post(change, headers: busy)
                #expect(emergency.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", "\(emergency.text)")
            }
            var outcomes: [String] = []
            for _ in 0..<20 where !outcomes.contains("429 TOO_MANY_REQUESTS") {
                let dialled = scene.attempt()
                dialled.call.whenInvited { $0.respond(486) }
                try await emptyBucket(scene, busy)
                outcomes.append(try await dialled.post(headers: busy).outcome)
                // Rarely, a request has come to fit in between.
                guard outcomes.last?.hasPrefix("429") ?? false else { continue }
                try await dialled.fence()
                #expect(dialled.call.unread.isEmpty, dialled.ladder)
            }
            #expect(outcomes.last == "429 TOO_MANY_REQUESTS", "\(outcomes)")

            try await emptyBucket(scene, busy)
            async let deleted = scene.http.send("DELETE", "\(Attempt.sessions)/\(id)", headers: busy)
            try await attempt.call.acceptBye()
            #expect(try await deleted.status == 204)
        }
    }

    /// Asks until the client is refused, and returns the refusal.
    @discardableResult
    private func emptyBucket(_ scene: Scene, _ headers: [WireMessage.Header]) async throws -> HTTPResponse {
        for _ in 0..<200 {
            let answer = try await scene.http.send("GET", Self.unknownSession, headers: headers)
            if answer.status == 429 { return answer }
            #expect(answer.outcome == "404 NOT_FOUND")
        }
        throw PatienceLost("429", ladder: scene.gateway.logTail)
    }

    @Test("Waiting as long as Retry-After says is enough")
    func retryAfter() async throws {
        try await Scene.run(Self.plan("{requestsPerSecond: 1, burst: 1, sessions: 100}")) { scene in
            let busy = try authorization(scene, "busy")
            let refused = try await emptyBucket(scene, busy)
            let seconds = try #require(refused["Retry-After"].flatMap { Int($0) })
            // This pause is what is tested: the client does as it is told.
            try await Task.sleep(for: .seconds(seconds))
            let again = try await scene.http.send("GET", Self.unknownSession, headers: busy)
            #expect(again.outcome == "404 NOT_FOUND", "\(again.text)")
        }
    }

    @Test("A client with as many sessions as it may have is 429 until one ends; another is not")
    func quota() async throws {
        try await Scene.run(Self.plan("{requestsPerSecond: 1000, burst: 1000, sessions: 1}")) { scene in
            let full = try authorization(scene, "full")
            let first = scene.attempt()
            async let reply = first.post(headers: full)
            try await first.call.invite().respond(200, sdp: SDP.answer())
            let id = try first.sessionID(of: try await reply)
            _ = try await first.call.request(.ack)

            let second = scene.attempt()
            let refused = try await second.post(headers: full)
            #expect(refused.outcome == "429 QUOTA_EXCEEDED", second.ladder)
            #expect(refused["Retry-After"] == "10", second.ladder)
            let emergency = try await second.post(["receiverAddress": "tel:112"], headers: full)
            #expect(emergency.outcome == "501 CALLTYPE_EMERGENCY_NOT_SUPPORTED", "\(emergency.text)")
            try await second.fence()
            #expect(second.call.unread.isEmpty, second.ladder)

            let foreign = scene.attempt()
            foreign.call.whenInvited { $0.respond(486) }
            let other = try await foreign.post(headers: try authorization(scene, "other"))
            #expect(other.outcome == "422 SERVICE_NOT_APPLICABLE", foreign.ladder)

            async let deleted = scene.http.send("DELETE", "\(Attempt.sessions)/\(id)", headers: full)
            try await first.call.acceptBye()
            #expect(try await deleted.status == 204)
            let deadline = ContinuousClock.now + Patience.standard
            let third = scene.attempt()
            third.call.whenInvited { $0.respond(486) }
            var outcome = ""
            repeat {
                outcome = try await third.post(headers: full).outcome
                // Nothing tells from outside that the BYE's 200 has come in: ask again soon.
                if outcome.hasPrefix("429") { try await Task.sleep(for: .milliseconds(10)) }
            } while outcome.hasPrefix("429") && ContinuousClock.now < deadline
            #expect(outcome == "422 SERVICE_NOT_APPLICABLE", third.ladder)
        }
    }
}
