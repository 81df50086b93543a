import TestPeer
import Testing

/// What the gateway sends in calls of the network is challenged too.
@Suite(.gateway(.inboundChallenged)) struct InboundDigestTests {
    @Test("A re-INVITE and a BYE are challenged; the BYE carries what both have asked for")
    func challenged() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.connected()
        async let held = incoming.put("Hold")
        let first = PeerChallenge(isProxy: true, algorithm: "MD5", nonce: "p1")
        let hold = try await incoming.call.request(.invite)
        hold.challenge(first)
        _ = try await incoming.call.request(.ack)
        let again = try await incoming.call.request(.invite)
        #expect(first.fault(in: again.message, count: 1) == nil, incoming.ladder)
        #expect(again.message.bodyText == hold.message.bodyText, incoming.ladder)
        again.respond(200, sdp: SDP.answer("caller").replacing("a=sendrecv", with: "a=recvonly"))
        #expect(try await held.outcome == "200 Hold", incoming.ladder)
        let ack = try await incoming.call.request(.ack)
        #expect(ack.message["Proxy-Authorization"] == again.message["Proxy-Authorization"], incoming.ladder)

        #expect(try await incoming.delete().status == 204, incoming.ladder)
        let bye = try await incoming.call.request(.bye)
        #expect(first.fault(in: bye.message, count: 2) == nil, incoming.ladder)
        let second = PeerChallenge(nonce: "w1")
        bye.challenge(second)
        let last = try await incoming.call.request(.bye)
        #expect(first.fault(in: last.message, count: 3) == nil, incoming.ladder)
        #expect(second.fault(in: last.message, count: 1) == nil, incoming.ladder)
        last.respond(200)
        for status in ["Hold", "Terminated"] { try await incoming.told(status) }
    }
}

extension ScenePlan {
    /// Devices can be called by a trunk that the gateway has an account at.
    static let inboundChallenged = inbound.with { configuration in
        configuration[trunk: "main"].lines.append(PeerChallenge.auth)
    }
}
