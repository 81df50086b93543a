import Foundation
import Synchronization
import TestPeer
import TestTLS
import Testing

/// A trunk over TLS whose peer is a name: SRV leads to servers of other names, and their certificates are for the name that
/// was asked for (RFC 5922 §4, RFC 3263 §4.1).
@Suite(.sharing, .serialized, .enabled(if: ScriptedNames.isPossible, "needs root and unshare(1)"))
struct SecureNamedPeerTests {
    private static let domain = "core.test"

    /// Where SRV leads to, each in front of one of the scene's peers.
    private final class Servers: Sendable {
        let certificates: TestAuthority
        private let made = Mutex<[TLSRelay]>([])

        init() throws { certificates = try TestAuthority() }

        var relays: [TLSRelay] { made.withLock { $0 } }
        var ports: [UInt16] { relays.map(\.address.port) }

        func add(_ names: String, to port: UInt16) throws {
            let pair = try certificates.issue("server-\(relays.count)", names: names)
            let relay = try TLSRelay(port: FreePort.next(), to: port, as: pair, demanding: certificates.ca)
            made.withLock { $0.append(relay) }
        }
    }

    /// - Parameter names: the alternative names of each server; the first is in front of the first peer, the others in front of
    ///   the second.
    private func scene(
        _ servers: Servers, names: [String], resolved: ScriptedNames, peer: String, adminPort: UInt16
    ) async throws -> Scene {
        let certificates = servers.certificates
        let own = try certificates.issue("gateway", names: "DNS:gw.example,IP:127.0.0.1")
        var plan = ScenePlan { configuration, places in
            try ScenePlan.patient.prepare(&configuration, places)
            for (index, name) in names.enumerated() {
                try servers.add(name, to: index == 0 ? places.peer.port : places.second.port)
            }
            configuration.tlsPort = try FreePort.next()
            configuration.tls =
                "{certificate: \"\(own.certificate)\", key: \"\(own.key)\", ca: \"\(certificates.ca)\"}"
            configuration.trunks = [.init("named", peers: [peer], domain: "ims.example")]
            configuration.routes = [("+1", ["named"])]
            configuration.more.append("admin: {listen: \"127.0.0.1:\(adminPort)\"}")
        }
        plan.launcher = try resolved.launcher()
        return try await Scene(plan)
    }

    private func run(
        _ names: [String], peer: String = "sip:core.test;transport=tls",
        _ body: (Scene, Servers) async throws -> Void
    ) async throws {
        let resolved = try ScriptedNames()
        resolved.say { _ in .silence }
        let servers = try Servers()
        let adminPort = try FreePort.next()
        let scene = try await scene(servers, names: names, resolved: resolved, peer: peer, adminPort: adminPort)
        let admin = HTTPClient(port: adminPort)
        resolved.lead(SecureNamedPeerTests.domain, to: servers.ports, life: 60, overTLS: true)
        let deadline = ContinuousClock.now + Patience.standard
        while try await admin.send("GET", "/readyz").status != 200 {
            try #require(ContinuousClock.now < deadline, "the name leads nowhere")
            try await Task.sleep(for: .milliseconds(10))
        }
        let trunks = try await admin.send("GET", "/trunks").text
        for port in servers.ports { #expect(trunks.contains("sip:core.test:\(port);maddr=127.0.0.1"), "\(trunks)") }
        try await body(scene, servers)
        admin.closeIdle()
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0, "\(scene.gateway.logTail)")
    }

    @Test(
        "SRV, or NAPTR and SRV, lead to it: its certificate is for the domain, and nothing goes in clear",
        arguments: ["sip:core.test;transport=tls", "sip:core.test"])
    func certified(peer: String) async throws {
        try await run(["DNS:\(SecureNamedPeerTests.domain)"], peer: peer) { scene, servers in
            let attempt = scene.attempt()
            let (invite, id) = try await attempt.connect()
            #expect(invite.message["Via"]?.hasPrefix("SIP/2.0/TLS ") == true, attempt.ladder)
            let counts = servers.relays[0].counts
            #expect(counts.name == SecureNamedPeerTests.domain)
            #expect(counts.handshakes > 0 && counts.certified == counts.handshakes)
            #expect(try await attempt.delete(id).status == 204)
            let bye = try await attempt.call.request(.bye)
            guard case .tcp = bye.origin else { return #expect(Bool(false), "BYE in clear") }
            bye.respond(200)
        }
    }

    @Test("A server that is certified under its own name alone gets nothing, and the next of SRV the call")
    func targetsNameIsNotEnough() async throws {
        let names = ["DNS:edge.core.test,DNS:*.test,IP:127.0.0.1", "DNS:\(SecureNamedPeerTests.domain)"]
        try await run(names) { scene, servers in
            let attempt = scene.attempt()
            async let reply = attempt.post()
            let invite = try await attempt.secondCall.invite()
            invite.respond(200, sdp: SDP.answer())
            #expect(try await reply.outcome == "201 Connected", attempt.ladder)
            _ = try await attempt.secondCall.request(.ack)
            #expect(servers.relays[0].counts.connections > 0)
            #expect(servers.relays[0].counts.bytes == 0)
            #expect(servers.relays[1].counts.name == SecureNamedPeerTests.domain)
            try await attempt.fence()
            #expect(attempt.call.unread.isEmpty, attempt.ladder)
        }
    }

    @Test("With no other server the call is refused")
    func nobodyElse() async throws {
        try await run(["DNS:edge.core.test"]) { scene, servers in
            let attempt = scene.attempt()
            let response = try await attempt.post()
            #expect(response.status == 503, attempt.ladder)
            #expect(servers.relays[0].counts.connections > 0)
            #expect(servers.relays[0].counts.bytes == 0)
            try await attempt.fence()
            #expect(attempt.call.unread.isEmpty, attempt.ladder)
        }
    }
}
