import Foundation
import TestPeer
import Testing

extension ScenePlan {
    /// Two trunks of which the first is bound: `+1` by both, `+2` by the bound one alone, `+3` by the other and then the bound one.
    fileprivate static func bound(_ limits: String) -> ScenePlan {
        .standard.with { configuration in
            configuration.trunks = [
                .init("bound", peers: configuration.trunks[0].peers, lines: ["limits: \(limits)"]),
                .init("free", peers: configuration.trunks[5].peers),
            ]
            configuration.routes = [("+1", ["bound", "free"]), ("+2", ["bound"]), ("+3", ["free", "bound"])]
        }
    }
}

/// `limits.calls` of a trunk.
@Suite(.serialized, .gateway(.bound("{calls: 2}"))) struct TrunkCallLimitTests {
    @Test("What is beyond the calls a trunk may carry goes by the next, or is refused until one has ended")
    func calls() async throws {
        let scene = try scene()
        let first = scene.attempt()
        let (_, id) = try await first.connect()
        // One that is not answered yet counts as well.
        let second = scene.attempt("+2")
        let (ringing, _) = try await second.ring()

        let next = scene.attempt()
        next.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        #expect(try await next.post().outcome == "201 Connected", next.ladder)
        #expect(next.call.unread.isEmpty, next.ladder)

        let lone = scene.attempt("+2")
        let refused = try await lone.post()
        #expect(refused.outcome == "503 UNAVAILABLE", lone.ladder)
        #expect(refused["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
        try await lone.fence()
        #expect(lone.call.unread.isEmpty, lone.ladder)

        // Neither is it there for a call that has failed elsewhere.
        let failing = scene.attempt("+3")
        failing.secondCall.whenInvited { $0.respond(503) }
        let failed = try await failing.post()
        #expect(failed.outcome == "503 UNAVAILABLE", failing.ladder)
        try await failing.fence()
        #expect(failing.call.unread.isEmpty, failing.ladder)

        // The network's calls are not refused for it: nobody is registered here, but that is asked.
        let invited = scene.peer.request(.invite, to: scene.gateway.sip, user: "+4930123456")
        let answer = try await invited.final()
        #expect(answer.status == 480 || answer.status == 404, "\(answer.summary)")

        // One ends by the application, one by the network: both places are free again.
        #expect(try await first.delete(id).status == 204)
        try await first.call.request(.bye).respond(200)
        ringing.respond(486)
        _ = try await second.call.request(.ack)
        for _ in 0..<2 {
            let again = try await accepted(in: scene)
            #expect(again.secondCall.unread.isEmpty, again.ladder)
        }
        #expect(try await scene.attempt("+2").post().outcome == "503 UNAVAILABLE")
    }

    /// A call that the bound trunk takes: it has its place as soon as the gateway has let the one before go.
    private func accepted(in scene: Scene) async throws -> Attempt {
        let deadline = ContinuousClock.now + Patience.standard
        while true {
            let attempt = scene.attempt("+2")
            attempt.call.whenInvited { $0.respond(200, sdp: SDP.answer()) }
            let response = try await attempt.post()
            if response.outcome == "201 Connected" { return attempt }
            try #require(response.outcome == "503 UNAVAILABLE" && ContinuousClock.now < deadline, attempt.ladder)
        }
    }
}

/// `limits.callsPerSecond` of a trunk.
@Suite(.serialized, .gateway(.bound("{callsPerSecond: 1}"))) struct TrunkRateLimitTests {
    @Test("A second's worth of calls is taken at once; what is beyond goes by the next trunk, or is refused")
    func rate() async throws {
        let scene = try scene()
        let began = ContinuousClock.now
        let first = scene.attempt("+2")
        first.call.whenInvited { $0.respond(486) }
        #expect(try await first.post().status != 503, first.ladder)
        let lone = scene.attempt("+2")
        let refused = try await lone.post()
        let next = scene.attempt()
        next.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        let elsewhere = try await next.post()
        // On a machine that took so long for these few, the rate has let one in.
        try #require(ContinuousClock.now - began < .milliseconds(950))
        #expect(refused.outcome == "503 UNAVAILABLE", lone.ladder)
        #expect(refused["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
        try await lone.fence()
        #expect(lone.call.unread.isEmpty, lone.ladder)
        #expect(elsewhere.outcome == "201 Connected", next.ladder)
        #expect(next.call.unread.isEmpty, next.ladder)

        // A second later there is room for one.
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let attempt = scene.attempt("+2")
            attempt.call.whenInvited { $0.respond(486) }
            if try await attempt.post().status != 503 { break }
        }
        let waited = ContinuousClock.now - began
        #expect(waited >= .milliseconds(950) && waited < .seconds(4), "\(waited)")
    }
}
