import Foundation
import TestPeer
import Testing

/// The configuration read again while the gateway runs.
@Suite(.serialized, .gateway(.standard)) struct ReloadTests {
    /// The scene's configuration with `main` leading to the second peer.
    private func moved() throws -> GatewayConfiguration {
        let scene = try scene()
        var configuration = scene.gateway.configuration
        configuration.trunks[0].peers = ["sip:127.0.0.1:\(scene.second.port)"]
        return configuration
    }

    @Test("A trunk that moves: new calls go there, one that lives stays, and the old configuration comes back")
    func movesATrunk() async throws {
        let scene = try scene()
        let living = scene.attempt()
        let (invite, id) = try await living.connect()
        let answer = try await scene.gateway.reload(moved())
        #expect(answer.text == "reloaded; changed: trunks\n")
        #expect(answer.status == 0)

        let next = scene.attempt()
        async let reply = next.post()
        let elsewhere = try await next.secondCall.invite()
        elsewhere.respond(200, sdp: SDP.answer())
        let nextID = try next.sessionID(of: try await reply)
        _ = try await next.secondCall.request(.ack)

        #expect(try await living.delete(id).status == 204, living.ladder)
        let bye = try await living.call.request(.bye)
        #expect(bye.message.callID == invite.message.callID)
        bye.respond(200)

        let back = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(back.text == "reloaded; changed: trunks\n")
        #expect(try await next.delete(nextID).status == 204)
        try await next.secondCall.request(.bye).respond(200)
        let last = scene.attempt()
        let (_, lastID) = try await last.connect()
        #expect(try await last.delete(lastID).status == 204)
        try await last.call.request(.bye).respond(200)
    }

    @Test("SIGHUP does the same, and the log tells")
    func onSignal() async throws {
        let scene = try scene()
        let told = scene.gateway.nextLine { $0.contains("configuration reloaded") }
        scene.gateway.signal(SIGHUP)
        #expect(await told.next()?.contains("nothing has changed") == true)
    }

    @Test("Routes, limits and the log's level change at once; what needs a restart is named and does not")
    func swapsAndNames() async throws {
        let scene = try scene()
        var other = scene.gateway.configuration
        other.routes = [("+1", ["main"])]
        other.limits = "{requestsPerSecond: 1000000, burst: 1000000, sessions: 1}"
        other.more.append("log: {level: debug}")
        other.domain = "elsewhere.example"
        other.httpPort = try FreePort.next()
        let answer = try await scene.gateway.reload(other)
        #expect(
            answer.text == """
                reloaded; changed: api.limits, routes, log.level
                takes effect at the next start only: api.listen, sip.domain

                """)
        let nowhere = scene.attempt("+32")
        #expect(try await nowhere.post().outcome == "404 IDENTIFIER_NOT_FOUND")
        let one = scene.attempt()
        let (invite, id) = try await one.connect()
        #expect(invite.message["From"]?.contains("@operator.example") == true)
        #expect(try await scene.attempt().post().outcome == "429 QUOTA_EXCEEDED")
        #expect(try await one.delete(id).status == 204)
        try await one.call.request(.bye).respond(200)
        #expect(scene.gateway.logTail.contains("\"debug\""))
        #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 0)
        let again = scene.attempt("+32")
        let (_, againID) = try await again.connect()
        #expect(try await again.delete(againID).status == 204)
        try await again.call.request(.bye).respond(200)
    }

    @Test("A wrong file is refused with all that is wrong with it, and nothing changes")
    func refusesAWrongFile() async throws {
        let scene = try scene()
        var wrong = try moved()
        wrong.trunks[1].peers = ["sip:nonsense host"]
        wrong.routes = [("+1", ["main"]), ("+2", ["nobody"])]
        let told = scene.gateway.nextLine { $0.contains("configuration refused; the old one stays") }
        let answer = try await scene.gateway.reload(wrong)
        #expect(answer.status == 1)
        #expect(answer.text.contains("trunks[1].peers[0].uri"), "\(answer.text)")
        #expect(answer.text.contains("routes[1].trunks[0]"), "\(answer.text)")
        #expect(answer.text.hasSuffix("refused: the old configuration stays\n"), "\(answer.text)")
        #expect(await told.next() != nil)
        let attempt = scene.attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.request(.bye).respond(200)
        #expect(try await scene.gateway.reload("").status == 1)
        let back = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(back.text == "reloaded; nothing has changed\n")
    }
}
