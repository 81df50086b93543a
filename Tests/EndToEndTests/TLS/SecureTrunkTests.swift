import TestPeer
import Testing

/// Calls of applications over TLS trunks.
@Suite(.serialized, .gateway(.secure)) struct SecureTrunkTests {
    @Test("A whole call over TLS 1.3: the name is asked for, the gateway shows its certificate, nothing goes in clear")
    func wholeCall() async throws {
        let peers = try SecurePeers.current()
        let attempt = try scene().attempt()
        let (invite, id) = try await attempt.connect()
        let counts = peers.good.counts
        #expect(counts.name == SecurePeers.domain)
        #expect(counts.version == "TLSv1.3")
        #expect(counts.certified == counts.handshakes)
        #expect(invite.message["Via"]?.hasPrefix("SIP/2.0/TLS 127.0.0.1:") == true, attempt.ladder)
        let contact = try #require(invite.message.contactURI, attempt.ladder)
        let port = try #require(try scene().gateway.configuration.tlsPort)
        #expect(contact == "sip:127.0.0.1:\(port);transport=tls", attempt.ladder)
        #expect(invite.message.requestURI == "sip:\(attempt.number)@ims.example;user=phone", attempt.ladder)
        try await attempt.reaches("Connected", id)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        let bye = try await attempt.call.request(.bye)
        guard case .tcp = bye.origin else { return #expect(Bool(false), "BYE in clear") }
        bye.respond(200)
        try await attempt.reaches("Terminated", id)
    }

    @Test("Calls share one connection")
    func oneConnection() async throws {
        let peers = try SecurePeers.current()
        let before = try await connections(of: peers.good)
        for _ in 0..<3 {
            let attempt = try scene().attempt()
            let (_, id) = try await attempt.connect()
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.call.request(.bye).respond(200)
        }
        #expect(peers.good.counts.connections == before)
    }

    @Test("A connection that is cut in a call is made again for the next request")
    func reconnects() async throws {
        let peers = try SecurePeers.current()
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        let before = peers.good.counts.connections
        peers.good.cut()
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.request(.bye).respond(200)
        try await attempt.reaches("Terminated", id)
        #expect(peers.good.counts.connections == before + 1)
    }

    @Test("A Contact over TLS at another address is followed, under the trunk's name")
    func followsContact() async throws {
        let peers = try SecurePeers.current()
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let contact = "<sip:peer@127.0.0.1:\(peers.second.address.port);transport=tls>"
        invite.respond(200, sdp: SDP.answer(), headers: [.init("Contact", contact)])
        let id = try attempt.sessionID(of: try await reply)
        let ack = await attempt.scene.second.strays.next()
        #expect(ack?.message.method == .ack, attempt.ladder)
        #expect(peers.second.counts.name == SecurePeers.domain)
        #expect(try await attempt.delete(id).status == 204)
        let bye = try #require(await attempt.scene.second.strays.next(), attempt.ladder)
        #expect(bye.message.method == .bye)
        bye.respond(200)
    }

    @Test(
        "A Contact in clear, by whichever transport, is not gone to",
        arguments: [";transport=udp", ";transport=tcp", ""])
    func staysSecure(transport: String) async throws {
        let attempt = try scene().attempt()
        async let reply = attempt.post()
        let invite = try await attempt.call.invite()
        let contact = "<sip:peer@\(attempt.scene.second.address)\(transport)>"
        invite.respond(200, sdp: SDP.answer(), headers: [.init("Contact", contact)])
        let id = try attempt.sessionID(of: try await reply)
        let ack = try await attempt.call.request(.ack)
        guard case .tcp = ack.origin else { return #expect(Bool(false), "ACK in clear") }
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.request(.bye).respond(200)
    }

    @Test(
        "A peer that is not who it should be gets nothing, and the next trunk the call",
        arguments: SecurePeers.Fault.allCases)
    func failsOver(fault: SecurePeers.Fault) async throws {
        let peers = try SecurePeers.current()
        let attempt = try scene().attempt(fault.prefix)
        let began = ContinuousClock.now
        async let reply = attempt.post()
        let invite = try await attempt.secondCall.invite()
        // Long before `failover.noResponse` and Timer B.
        if fault != .noTLS { #expect(ContinuousClock.now - began < .seconds(3)) }
        invite.respond(200, sdp: SDP.answer())
        #expect(try await reply.outcome == "201 Connected", attempt.ladder)
        _ = try await attempt.secondCall.request(.ack)
        #expect(peers.faulty[fault]?.counts.bytes ?? 0 == 0)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test(
        "Where there is no other trunk, the call fails, and the log says why",
        arguments: SecurePeers.Fault.allCases.filter { $0 != .noTLS })
    func fails(fault: SecurePeers.Fault) async throws {
        let attempt = try scene().attempt(fault.lonePrefix)
        let response = try await attempt.post()
        #expect(response.outcome == "503 UNAVAILABLE", attempt.ladder)
        let log = try scene().gateway.logTail
        let told = log.split(separator: "\n").filter {
            $0.contains("no TLS connection") && $0.contains("\"\(fault.rawValue)\"")
        }
        #expect(!told.isEmpty, "\(log)")
        if let reason = fault.reason { #expect(told.contains { $0.contains(reason) }, "\(told)") }
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    /// A call has been made, so there is one at least.
    private func connections(of relay: TLSRelay) async throws -> Int {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.request(.bye).respond(200)
        return relay.counts.connections
    }
}

/// `sip.tls.verify: false`.
@Suite(.gateway(.trusting)) struct TrustingTrunkTests {
    @Test(
        "Whoever speaks TLS is believed, and the log warns",
        arguments: [SecurePeers.Fault.expired, .wrongName, .selfSigned])
    func believes(fault: SecurePeers.Fault) async throws {
        let attempt = try scene().attempt(fault.lonePrefix)
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.request(.bye).respond(200)
        #expect(try scene().gateway.logTail.contains("sip.tls.verify: false"))
    }
}
