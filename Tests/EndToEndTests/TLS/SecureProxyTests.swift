import Foundation
import TestPeer
import TestTLS
import Testing

/// Runs `body` with Kamailio where the trunk leads to; each side wants the other's certificate.
private func withSecureProxy(_ body: (Kamailio) async throws -> Void) async throws {
    let peers = try SecurePeers.current()
    let port = try #require(try scene().gateway.configuration.tlsPort)
    try await withProxy(secure: .init(pair: peers.peer, ca: peers.certificates.ca, gateway: port), body)
}

/// Calls with Kamailio over TLS.
@Suite(.serialized, .gateway(.secureProxied)) struct SecureProxyTests {
    @Test("A call of an application: Hold and BYE take the recorded route, over TLS")
    func outbound() async throws {
        try await withSecureProxy { proxy in
            let attempt = try scene().attempt()
            let (invite, id) = try await attempt.connect()
            #expect(invite.came(through: proxy), attempt.ladder)
            #expect(invite.message.all("Via").last?.hasPrefix("SIP/2.0/TLS") == true, attempt.ladder)
            async let held = attempt.put(id, ["status": "Hold"])
            let request = try await attempt.call.request(.invite) { $0.toTag != nil }
            #expect(request.message.all("Via").last?.hasPrefix("SIP/2.0/TLS") == true, attempt.ladder)
            request.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
            #expect(try await held.outcome == "200 Hold", attempt.ladder)
            _ = try await attempt.call.request(.ack)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            let bye = try await attempt.call.request(.bye)
            #expect(bye.came(through: proxy), attempt.ladder)
            bye.respond(200)
            try await attempt.reaches("Terminated", id)
        }
    }
}

/// The same from the network, and who else connects.
@Suite(.serialized, .gateway(.secureProxiedInbound)) struct SecureListenerTests {
    @Test("A call of the network, ended by the application")
    func inbound() async throws {
        try await withSecureProxy { proxy in
            let callee = try await Callee.new()
            defer { callee.close() }
            let call = callee.scene.peer.place(callee.device.number, to: proxy.address)
            let incoming = try await callee.invited(by: call)
            try await incoming.connect()
            let answer = try await incoming.call.answered()
            #expect(answer.contactURI?.hasSuffix(";transport=tls") == true, incoming.ladder)
            try await incoming.told("Connected")
            #expect(try await incoming.delete().status == 204, incoming.ladder)
            let bye = try await incoming.call.request(.bye)
            #expect(bye.message.all("Via").last?.hasPrefix("SIP/2.0/TLS") == true, incoming.ladder)
            bye.respond(200)
            try await incoming.told("Terminated")
        }
    }

    @Test("Who has no certificate, or another authority's, is not heard", arguments: [false, true])
    func uncertified(hasOne: Bool) async throws {
        let scene = try scene()
        let port = try #require(scene.gateway.configuration.tlsPort)
        let others = try TestAuthority()
        let pair = hasOne ? try others.issue("other", names: "DNS:ims.example") : nil
        let client = try TLSRelay(port: FreePort.next(), overTLSTo: port, as: pair)
        #expect(try await client.answer(to: "OPTIONS sip:ping@127.0.0.1 SIP/2.0") == "")
    }

    @Test("Who has one is answered")
    func certified() async throws {
        let scene = try scene()
        let peers = try SecurePeers.current()
        let port = try #require(scene.gateway.configuration.tlsPort)
        let client = try TLSRelay(
            port: FreePort.next(), overTLSTo: port, as: peers.peer, demanding: peers.certificates.ca)
        let answer = try await client.answer(to: "OPTIONS sips:ping@127.0.0.1 SIP/2.0")
        #expect(answer.hasPrefix("SIP/2.0 200"), "\(answer)")
    }

    @Test("Connections that come and go, before and after their handshake, leave no memory behind")
    func leavesNothing() async throws {
        let scene = try scene()
        let peers = try SecurePeers.current()
        let port = try #require(scene.gateway.configuration.tlsPort)
        let client = try TLSRelay(port: FreePort.next(), overTLSTo: port, as: peers.peer)
        let stranger = try TLSRelay(port: FreePort.next(), overTLSTo: port)
        func round(_ count: Int) async throws {
            for _ in 0..<count {
                #expect(try await client.answer(to: "OPTIONS sip:ping@127.0.0.1 SIP/2.0") != "")
                #expect(try await stranger.answer(to: "OPTIONS sip:ping@127.0.0.1 SIP/2.0") == "")
            }
        }
        try await round(100)
        let before = try scene.gateway.figures.residentKiB
        try await round(500)
        let after = try scene.gateway.figures.residentKiB
        // A connection is some 30 KiB: a thousand would be 30 MiB.
        #expect(Sanitizer.isOn || after - before < 6 << 10, "\(before) to \(after) KiB")
    }
}

extension TLSRelay {
    /// Sends a request with this first line through the relay, and returns what comes until the first empty line or the end.
    fileprivate func answer(to line: String) async throws -> String {
        let id = UInt32.random(in: 0 ... .max)
        let text = [
            line, "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK\(id);rport", "Max-Forwards: 70",
            "From: <sip:peer@127.0.0.1>;tag=\(id)", "To: <sip:ping@127.0.0.1>", "Call-ID: \(id)", "CSeq: 1 OPTIONS",
            "Content-Length: 0", "", "",
        ].joined(separator: "\r\n")
        let port = address.port
        return try await Task.detached { try PlainExchange.send(text, to: port) }.value
    }
}
