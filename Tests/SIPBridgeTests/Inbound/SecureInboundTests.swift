import CallCore
import TestPeer
import TestTLS
import Testing

@testable import SIPBridge

/// Calls of the network that come over TLS, on a trunk whose peer is reached over UDP.
@Suite("Calls of the network over TLS")
struct SecureInboundTests {
    private struct Place {
        let scene: InboundScene
        /// In front of the peer.
        let server: TLSRelay
        /// Behind the peer.
        let client: TLSRelay
        let connection: SIPPeer.Origin

        init() throws {
            let certificates = try TestAuthority()
            let pair = try certificates.issue("gateway", names: "IP:127.0.0.1")
            let port = try FreePort.next()
            scene = try InboundScene { options in
                options.listen.append(SIPAddress(transport: .tls, host: "127.0.0.1", port: port))
                options.tls = TLSFiles(certificate: pair.certificate, key: pair.key, ca: certificates.ca)
            }
            let peer = try certificates.issue("peer", names: "DNS:ims.example")
            server = try TLSRelay(port: FreePort.next(), to: scene.peer.port, as: peer)
            client = try TLSRelay(port: FreePort.next(), overTLSTo: port)
            connection = try scene.peer.connect(through: client)
        }
    }

    private static func contact(_ uri: String) -> WireMessage.Header { .init("Contact", "<\(uri)>") }

    @Test("Requests follow a Contact over TLS, under the trunk's name", arguments: ["sip", "sips"])
    func followsContact(scheme: String) async throws {
        let place = try Place()
        try await InboundScene.run(place.scene) { scene in
            let target = "\(scheme):peer@127.0.0.1:\(place.server.address.port);transport=tls"
            let call = scene.call(headers: [Self.contact(target)], over: place.connection)
            let id = try await scene.connected(call)
            async let held = scene.put(id, .hold)
            let offer = try await call.request(.invite)
            #expect(offer.message["Via"]?.hasPrefix("SIP/2.0/TLS") == true, "\(call.ladder)")
            offer.respond(488)
            _ = try? await held
            scene.agent.end(id)
            let bye = try await call.acceptBye()
            #expect(bye["Via"]?.hasPrefix("SIP/2.0/TLS") == true, "\(call.ladder)")
            #expect(place.server.counts.name == "ims.example")
            #expect(try await scene.end(of: id).status == .terminated)
        }
    }

    @Test(
        "A Contact in clear is not gone to, nor is the trunk's peer",
        arguments: ["", ";transport=udp", ";transport=tcp"])
    func staysSecure(transport: String) async throws {
        let place = try Place()
        try await InboundScene.run(place.scene) { scene in
            let target = "sip:peer@\(scene.peer.address)\(transport)"
            let call = scene.call(headers: [Self.contact(target)], over: place.connection)
            let id = try await scene.connected(call)
            #expect(scene.store.rows[id]?.nextHop.hasSuffix(";maddr=127.0.0.1;transport=tls") == true)
            scene.agent.end(id)
            #expect(try await scene.end(of: id).status == .terminated)
            try await scene.peer.fence(scene.gateway)
            #expect(call.unreadRequests.isEmpty, "\(call.ladder)")
        }
    }
}
