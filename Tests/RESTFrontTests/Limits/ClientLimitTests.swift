import CallCore
import Foundation
import Testing

@testable import RESTFront

/// Limits per client, at the router.
@Suite struct ClientLimitTests {
    let clock = TestClock(1_000)

    private func harness(_ limits: ClientLimits) throws -> RouterHarness {
        let all = AuthorizationTests.all
        return try RouterHarness(
            authenticator: AuthorizationTests.Names(callers: [
                "alice": AuthorizationTests.caller(AuthorizationTests.number),
                "alice-two": AuthorizationTests.caller(PhoneNumber("+17085854000")),
                "other": AuthorizationTests.caller(AuthorizationTests.number, client: "other"),
                "reader": AuthorizationTests.caller(
                    AuthorizationTests.number, client: "reader",
                    scopes: all.filter { !$0.hasSuffix("create") }),
                "talker": AuthorizationTests.caller(
                    AuthorizationTests.number, client: "talker",
                    scopes: all.filter { !$0.hasSuffix("delete") }),
            ]), limits: limits, clock: { [clock] in clock.nanoseconds })
    }

    private func `as`(_ name: String) -> [(HeaderField, String)] { AuthorizationTests.as(name) }

    @Test func tooManyRequests() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 3, sessions: 100))
        func read(_ name: String) -> HTTPResponse {
            harness.respond(.get, "/webrtc/sessions/none", fields: `as`(name))
        }
        // The limit is the client's, whichever of its users asks.
        #expect([read("alice"), read("alice-two"), read("alice")].map(\.status) == [404, 404, 404])
        for name in ["alice", "alice-two"] {
            let refused = read(name)
            #expect(refused.status == 429)
            #expect(refused.code == "TOO_MANY_REQUESTS")
            #expect(refused.header("Retry-After") == "1")
            #expect(refused.header("x-correlator") == "generated")
        }
        #expect(read("other").status == 404)
        clock.advance(by: 1)
        #expect(read("alice").status == 404)
        #expect(read("alice").status == 429)
        clock.advance(by: 60)
        #expect((0..<5).map { _ in read("alice").status } == [404, 404, 404, 429, 429])
    }

    @Test func theWaitIsRoundedUp() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 100))
        _ = harness.respond(.get, "/webrtc/sessions/none", fields: `as`("alice"))
        clock.advance(by: 0.4)
        let refused = harness.respond(.get, "/webrtc/sessions/none", fields: `as`("alice"))
        #expect(refused.header("Retry-After") == "1")
    }

    @Test func whoIsNotAuthenticatedIsNotCounted() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 100))
        for _ in 0..<10 {
            #expect(harness.respond(.get, "/webrtc/sessions/none", fields: `as`("nobody")).status == 401)
            #expect(harness.respond(.options, "/webrtc/sessions").status == 204)
            #expect(harness.respond(.get, "/nowhere", fields: `as`("alice")).status == 404)
        }
        #expect(harness.respond(.get, "/webrtc/sessions/none", fields: `as`("alice")).status == 404)
    }

    @Test func sessionQuota() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1_000, burst: 1_000, sessions: 5))
        func create(_ name: String, _ body: String = Sample.create) -> HTTPResponse {
            harness.respond(.post, "/webrtc/sessions", body, fields: `as`(name))
        }
        harness.calls.setLiveSessions(4, of: "app")
        #expect(create("alice").status == 201)
        harness.calls.setLiveSessions(5, of: "app")
        let refused = create("alice")
        #expect(refused.status == 429)
        #expect(refused.code == "QUOTA_EXCEEDED")
        #expect(refused.header("Retry-After") == "10")
        #expect(refused.message.contains("5"))
        #expect(create("alice-two").status == 429)
        #expect(create("other").status == 201)
        // Nothing else adds a session.
        #expect(harness.respond(.get, "/webrtc/sessions/none", fields: `as`("alice")).status == 404)
        #expect(harness.respond(.delete, "/webrtc/sessions/none", fields: `as`("alice")).status == 404)
        #expect(harness.calls.created.count == 2)
    }

    /// Without an emergency trunk they are 501; a 429 would mean that a limit applied (emergency §4).
    @Test(arguments: Version.allCases)
    func emergencyCallsHaveNoLimit(version: Version) throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 0))
        func create(_ body: String) -> Int {
            harness.respond(.post, version.path, body, fields: `as`("alice")).status
        }
        for _ in 0..<3 {
            #expect(create(#"{"receiverAddress":"tel:112"}"#) == 501)
            #expect(create(CreateTests.body(replacing: #""callType":"EMERGENCY""#)) == 501)
        }
        #expect(create(Sample.create) == 429)
        #expect(create("{") == 429)
        // Only a session can be an emergency call.
        let update = harness.respond(
            .put, version.path + "/A/status", #"{"receiverAddress":"tel:112"}"#, fields: `as`("alice"))
        #expect(update.status == 429)
    }

    /// A call that could not be ended would go on.
    @Test func endingALiveSessionCountsAndIsNeverRefused() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 100))
        harness.calls.add(Sample.session("A", owner: AuthorizationTests.caller(AuthorizationTests.number).owner))
        for _ in 0..<5 {
            #expect(harness.respond(.delete, "/webrtc/sessions/A", fields: `as`("alice")).status == 204)
        }
        #expect(harness.respond(.get, "/webrtc/sessions/A", fields: `as`("alice")).status == 429)
    }

    /// Else everybody would have as many requests as they like.
    @Test func endingWhatIsNoLiveSessionOfTheCallersIsLimited() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 100))
        let alice = AuthorizationTests.caller(AuthorizationTests.number).owner
        harness.calls.add(Sample.session("live", owner: alice))
        harness.calls.add(Sample.session("over", owner: alice, status: .terminated))
        harness.calls.add(Sample.session("talk", owner: SessionOwner(client: "talker", user: alice.user)))
        func end(_ id: String, _ name: String) -> Int {
            harness.respond(.delete, "/webrtc/sessions/" + id, fields: `as`(name)).status
        }
        #expect(end("none", "alice") == 404)
        #expect(end("none", "alice") == 429)
        #expect(end("over", "alice") == 429)
        // Another user of the client, and another client.
        #expect(end("live", "alice-two") == 429)
        #expect(end("live", "other") == 404)
        #expect(end("live", "other") == 429)
        // Its own, but it may end none.
        #expect(end("talk", "talker") == 403)
        #expect(end("talk", "talker") == 429)
        #expect(harness.calls.ended.isEmpty)
        #expect(end("live", "alice") == 204)
    }

    @Test func aCallerWithoutTheScopeIsCountedToo() throws {
        let harness = try harness(ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 100))
        let statuses = (0..<2).map { _ in
            harness.respond(.post, "/webrtc/sessions", Sample.create, fields: `as`("reader")).status
        }
        #expect(statuses == [403, 429])
    }

    @Test func withoutLimitsNothingIsCounted() throws {
        let harness = try RouterHarness()
        harness.calls.setLiveSessions(1_000_000, of: "anonymous")
        for _ in 0..<1_000 { #expect(harness.respond(.get, "/webrtc/sessions/none").status == 404) }
        #expect(harness.respond(.post, "/webrtc/sessions", Sample.create).status == 201)
    }
}
