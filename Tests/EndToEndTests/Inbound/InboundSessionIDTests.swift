import TestPeer
import TestSink
import Testing

/// Every message of a call names the session (RFC 7989 §6): calls of the network.
@Suite(.gateway(.inbound)) struct InboundSessionIDTests {
    private static let reliable = WireMessage.Header("Supported", "100rel")

    @Test("Responses, re-INVITE, ACK and BYE name it", arguments: NamingPeer.all + [.olderCaller])
    func throughout(peer: NamingPeer) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called(headers: peer.header(NamingPeer.none) + [Self.reliable])
        try await incoming.put("Ringing")
        let ringing = try await incoming.call.response(180)
        let ours = ringing.ownUUID
        let headers = peer.header(ours)
        let expected = peer.leadsTo(ours)
        #expect(ours.count == 32 && ours != NamingPeer.none, incoming.ladder)
        #expect(ringing.session == expected, incoming.ladder)
        try await incoming.told("Ringing")
        #expect(try await incoming.call.response(100).session == expected, incoming.ladder)
        let rack = WireMessage.Header("RAck", "\(ringing["RSeq"] ?? "") 1 INVITE")
        let prack = try await incoming.call.send(.prack, headers: headers + [rack]).final()
        #expect(prack.status == 200 && prack.session == expected, incoming.ladder)
        try await incoming.connect()
        let answer = try await incoming.call.response(200)
        #expect(answer.session == expected, incoming.ladder)
        _ = try incoming.call.send(.ack, headers: headers, cseq: 1)
        try await incoming.told("Connected")
        try await incoming.fence()

        async let held = incoming.put("Hold")
        let hold = try await incoming.call.request(.invite)
        #expect(hold.message.session == expected, incoming.ladder)
        hold.respond(200, sdp: SDP.answer("caller").replacing("a=sendrecv", with: "a=recvonly"), headers: headers)
        #expect(try await held.outcome == "200 Hold", incoming.ladder)
        #expect(try await incoming.call.request(.ack).message.session == expected, incoming.ladder)

        for (method, sdp, status) in [
            ("UPDATE", SDP.answer("caller"), 200), ("INFO", nil, 200), ("REFER", nil, 405), ("FOO", nil, 501),
        ] as [(SIPMethod, String?, Int)] {
            let response = try await incoming.call.send(method, sdp: sdp, headers: headers).final()
            #expect(response.status == status, incoming.ladder)
            #expect(response.session == expected, "\(method); \(incoming.ladder)")
        }
        #expect(try await incoming.delete().status == 204, incoming.ladder)
        #expect(try await incoming.call.acceptBye().session == expected, incoming.ladder)
    }

    @Test("A refusal and the 487 after a CANCEL name it", arguments: NamingPeer.all + [.olderCaller])
    func refused(peer: NamingPeer) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        for isCancelled in [false, true] {
            let incoming = try await callee.called(headers: peer.header(NamingPeer.none))
            if isCancelled {
                // What a CANCEL tells is not taken (§8).
                incoming.call.cancel(headers: [.init("Session-ID", "\(NamingPeer.other);remote=\(NamingPeer.none)")])
            } else {
                try await incoming.put("Busy")
            }
            let refused = try await incoming.call.refused()
            #expect(refused.status == (isCancelled ? 487 : 486), incoming.ladder)
            #expect(refused.session == peer.leadsTo(refused.ownUUID), incoming.ladder)
        }
    }

    @Test("An INVITE that makes no call is answered with it too", arguments: ["+4930123456", ""])
    func noCall(number: String) async throws {
        let scene = try scene()
        let header = WireMessage.Header("Session-ID", "\(NamingPeer.uuid);remote=\(NamingPeer.none)")
        // Nobody's number; and what is asked for is not known here.
        let require = number.isEmpty ? [WireMessage.Header("Require", "nothing")] : []
        let call = scene.peer.place(
            number.isEmpty ? "+4930123457" : number, to: scene.gateway.sip, headers: [header] + require)
        let refused = try await call.refused()
        #expect(refused.status == (number.isEmpty ? 420 : 404), "\(call.ladder)")
        #expect(refused.session == "\(refused.ownUUID);remote=\(NamingPeer.uuid)", "\(call.ladder)")
        #expect(refused.ownUUID != NamingPeer.none, "\(call.ladder)")
    }

    /// RFC 7989 §8.
    @Test("The caller's newest UUID counts, that of its ACK too")
    func changes() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called(
            headers: [.init("Session-ID", "\(NamingPeer.uuid);remote=\(NamingPeer.none)")])
        try await incoming.connect()
        let ours = try await incoming.call.response(200).ownUUID
        _ = try incoming.call.send(
            .ack, headers: [.init("Session-ID", "\(NamingPeer.other);remote=\(ours)")], cseq: 1)
        try await incoming.fence()
        let silent = try await incoming.call.send("INFO").final()
        #expect(silent.session == "\(ours);remote=\(NamingPeer.other)", incoming.ladder)
        let last = String(repeating: "9", count: 32)
        let bye = try await incoming.call.send(
            .bye, headers: [.init("Session-ID", "\(last);remote=\(ours)")]
        ).final()
        #expect(bye.status == 200 && bye.session == "\(ours);remote=\(last)", incoming.ladder)
    }
}
