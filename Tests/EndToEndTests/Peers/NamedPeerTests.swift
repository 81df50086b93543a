import Foundation
import Synchronization
import TestPeer
import Testing

/// A trunk whose peer is a name: NAPTR, SRV and A lead to it, from a name server that then falls silent (RFC 3263).
@Suite(.alone, .serialized, .enabled(if: ScriptedNames.isPossible, "needs root and unshare(1)")) struct NamedPeerTests {
    private func scene(
        _ names: ScriptedNames, peer: String, lines: [String] = [], adminPort: UInt16
    ) async throws -> Scene {
        var plan = ScenePlan { configuration, _ in
            configuration.trunks = [.init("named", peers: [peer], lines: lines)]
            configuration.routes = [("+1", ["named"])]
            configuration.more.append("admin: {listen: \"127.0.0.1:\(adminPort)\"}")
        }
        plan.launcher = try names.launcher()
        return try await Scene(plan)
    }

    private func isReady(_ admin: HTTPClient, within patience: Duration = Patience.standard) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if try await admin.send("GET", "/readyz").status == 200 { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// The median and the longest time of `count` POSTs that the peer answers at once.
    private func time(_ count: Int, _ scene: Scene) async throws -> (median: Duration, longest: Duration) {
        var times: [Duration] = []
        for _ in 0..<count {
            let attempt = scene.attempt()
            attempt.call.whenInvited { $0.respond(200, sdp: SDP.answer()) }
            let began = ContinuousClock.now
            let response = try await attempt.post()
            times.append(ContinuousClock.now - began)
            #expect(response.outcome == "201 Connected", attempt.ladder)
            let id = try attempt.sessionID(of: response)
            _ = try await attempt.call.request(.ack)
            _ = try await attempt.delete(id)
            try await attempt.call.acceptBye()
        }
        times.sort()
        return (times[count / 2], times[count - 1])
    }

    @Test("Its calls do not notice when every name server falls silent")
    func silence() async throws {
        let names = try ScriptedNames()
        let adminPort = try FreePort.next()
        // A gateway whose trunk has no address yet is there, and not ready.
        names.say { _ in .silence }
        let scene = try await scene(names, peer: "sip:core.test", adminPort: adminPort)
        let admin = HTTPClient(port: adminPort)
        let refused = try await scene.attempt().post()
        #expect(refused.outcome == "503 UNAVAILABLE" && refused["Retry-After"] != nil)
        let notReady = try await admin.send("GET", "/readyz")
        #expect(notReady.status == 503 && notReady.text == "no usable trunk\n")
        #expect(try await admin.send("GET", "/trunks").text.contains("\"unresolved\""))

        // One second to live: the gateway asks again all the time.
        names.lead("core.test", to: [scene.peer.port], life: 1)
        #expect(try await isReady(admin))
        let before = try await time(60, scene)
        #expect(try await admin.send("GET", "/trunks").text.contains("sip:127.0.0.1:\(scene.peer.port);transport=udp"))

        names.say { _ in .silence }
        let asked = names.count
        let deadline = ContinuousClock.now + Patience.standard
        // Well over the records' end, and while look-ups wait for servers that are dead.
        while names.count < asked + 3, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(names.count >= asked + 3, "it goes on asking")
        let after = try await time(60, scene)
        let text = { (time: Duration) in String(format: "%.1f ms", time / .milliseconds(1)) }
        print(
            "PRINT names: median POST \(text(before.median)) with name servers, \(text(after.median)) without;",
            "longest \(text(before.longest)) and \(text(after.longest))")
        #expect(after.median < before.median + .milliseconds(50))
        #expect(after.longest < before.longest + .milliseconds(50))
        #expect(try await admin.send("GET", "/readyz").status == 200)
        admin.closeIdle()
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0, "\(scene.gateway.logTail)")
    }

    @Test("A trunk registers as soon as its name leads somewhere")
    func registers() async throws {
        let names = try ScriptedNames()
        let adminPort = try FreePort.next()
        names.say { _ in .silence }
        let scene = try await scene(
            names, peer: "sip:core.test",
            lines: ["register: {mode: trunk, user: named, retry: 30m}"], adminPort: adminPort)
        let deadline = ContinuousClock.now + Patience.standard
        while names.count == 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(names.count > 0)
        names.lead("core.test", to: [scene.peer.port], life: 60)
        let request = try await PeerRegistrar(peer: scene.peer).register("named")
        #expect(request.message.cseq?.number == 1, "nothing was tried before")
        request.grant(600)
        let admin = HTTPClient(port: adminPort)
        #expect(try await isReady(admin))
        #expect(!scene.gateway.logTail.contains("trunk needs attention"), "\(scene.gateway.logTail)")
        admin.closeIdle()
        scene.http.closeIdle()
        async let code = scene.gateway.stop()
        try await PeerRegistrar(peer: scene.peer).register("named").respond(200)
        #expect(try await code == 0, "\(scene.gateway.logTail)")
    }

    @Test("New records move its calls, in both directions, and old calls stay where they are")
    func moves() async throws {
        let names = try ScriptedNames()
        let adminPort = try FreePort.next()
        names.say { _ in .silence }
        let scene = try await scene(names, peer: "sip:core.test", adminPort: adminPort)
        let admin = HTTPClient(port: adminPort)
        names.lead("core.test", to: [scene.peer.port], life: 1)
        #expect(try await isReady(admin))
        let first = scene.attempt()
        let (_, id) = try await first.connect()

        names.lead("core.test", to: [scene.second.port], life: 1)
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let text = try await admin.send("GET", "/trunks").text
            if text.contains(":\(scene.second.port);"), !text.contains(":\(scene.peer.port);") { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let next = scene.attempt()
        next.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        #expect(try await next.post().outcome == "201 Connected", next.ladder)
        // The call of before ends where it is.
        _ = try await first.delete(id)
        try await first.call.acceptBye()
        // Requests of the network are taken from where the name leads, with no `inbound.from`: 404 or 480, not 403.
        let invited = scene.second.request(.invite, to: scene.gateway.sip, user: "+4930123456")
        let answer = try await invited.final()
        #expect(answer.status == 480 || answer.status == 404, "\(answer.summary)")
        admin.closeIdle()
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0, "\(scene.gateway.logTail)")
    }

    @Test("SRV priorities are followed, and a dead server makes way for the next")
    func servers() async throws {
        let names = try ScriptedNames()
        let adminPort = try FreePort.next()
        names.say { _ in .silence }
        let scene = try await scene(
            names, peer: "sip:core.test;transport=udp",
            lines: ["failover: {noResponse: 300ms}", "health: {interval: 200ms, timeout: 100ms, down: 2, up: 1}"],
            adminPort: adminPort)
        let admin = HTTPClient(port: adminPort)
        names.lead("core.test", to: [scene.peer.port, scene.second.port], life: 60)
        #expect(try await isReady(admin))
        let first = scene.attempt()
        _ = try await first.connect()
        // The first server dies: it answers neither OPTIONS nor calls.
        scene.peer.answerOptions(false)
        let next = scene.attempt()
        next.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        let response = try await next.post()
        #expect(response.outcome == "201 Connected", next.ladder)
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let page = try MetricsText(try await admin.send("GET", "/metrics").text)
            let peer = "sip:127.0.0.1:\(scene.peer.port);transport=udp"
            if page.value("gateway_peer_up", ["trunk": "named", "peer": peer]) == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let last = scene.attempt()
        last.secondCall.whenInvited { $0.respond(200, sdp: SDP.answer()) }
        #expect(try await last.post().outcome == "201 Connected", last.ladder)
        #expect(last.call.unread.isEmpty, "nothing is sent to what is down; \(last.ladder)")
        scene.peer.answerOptions(true)
        admin.closeIdle()
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0, "\(scene.gateway.logTail)")
    }
}
