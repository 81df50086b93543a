import TestPeer
import Testing

/// Kamailio asks for credentials: on the INVITE, and on what follows in the dialog (RFC 3261 §22.3).
@Suite(.serialized, .gateway(.proxiedAccount)) struct ProxyAccountTests {
    @Test("A call with the right password: INVITE, Hold and BYE are accepted", arguments: ["MD5", "SHA-256"])
    func rightPassword(algorithm: String) async throws {
        try await withProxy(account: .gateway(algorithm)) { proxy in
            let attempt = try scene().attempt()
            let (invite, id) = try await attempt.connect()
            #expect(invite.came(through: proxy), attempt.ladder)
            #expect(invite.message["Proxy-Authorization"] == nil, "Kamailio keeps what it has checked")
            async let held = attempt.put(id, ["status": "Hold"])
            let hold = try await attempt.call.request(.invite) { $0.toTag != nil }
            hold.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=recvonly"))
            #expect(try await held.outcome == "200 Hold", attempt.ladder)
            _ = try await attempt.call.request(.ack)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            #expect(try await attempt.call.acceptBye().requestURI == hold.message.requestURI, attempt.ladder)
            try await attempt.reaches("Terminated", id)
        }
    }

    @Test("A reliable 183, and a call that is given up: PRACK is accepted, CANCEL needs nothing")
    func reliableAndCancelled() async throws {
        try await withProxy(account: .gateway("SHA-256")) { proxy in
            let attempt = try scene().attempt()
            async let reply = attempt.post()
            let invite = try await attempt.call.invite()
            invite.respond(183, sdp: SDP.answer(), reliable: 5)
            let prack = try await attempt.call.request(.prack)
            #expect(prack.came(through: proxy), attempt.ladder)
            prack.respond(200)
            let id = try await attempt.sessionID(of: reply)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.call.acceptCancel(of: invite)
            try await attempt.reaches("SessionCancelled", id)
        }
    }

    @Test("A wrong password: 502, the operator is told, and nobody is rung", arguments: ["MD5", "SHA-256"])
    func wrongPassword(algorithm: String) async throws {
        var account = Kamailio.Plan.Account.gateway(algorithm)
        account.password = "another"
        // The operator of a gateway that has just been told is not told again.
        let own = try await Scene(.proxiedAccount)
        try await Scene.$current.withValue(own) {
            try await withProxy(account: account) { _ in
                let attempt = own.attempt()
                let alarm = own.gateway.nextLine { $0.contains("trunk needs attention") }
                #expect(try await attempt.post().outcome == "502 BAD_GATEWAY", attempt.ladder)
                #expect(await alarm.next()?.contains("credentials") ?? false)
                try await attempt.fence()
                #expect(attempt.call.unread.isEmpty, attempt.ladder)
            }
        }
        own.http.closeIdle()
        #expect(try await own.gateway.stop() == 0)
    }
}
