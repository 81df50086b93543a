import TestPeer
import Testing

/// Calls of the network that reach the gateway through Kamailio, which records its route.
@Suite(.serialized, .gateway(.proxiedInbound)) struct ProxiedInboundTests {
    /// A device that is called by way of the proxy.
    private func called(
        headers: [WireMessage.Header] = [], _ body: (IncomingCall, Kamailio) async throws -> Void
    ) async throws {
        try await withProxy { proxy in
            let callee = try await Callee.new()
            defer { callee.close() }
            let call = callee.scene.peer.place(callee.device.number, to: proxy.address, headers: headers)
            try await body(try await callee.invited(by: call), proxy)
        }
    }

    /// Takes the gateway's BYE, which must have taken the recorded route, and answers it.
    private func acceptBye(_ incoming: IncomingCall, _ proxy: Kamailio) async throws {
        let bye = try await incoming.call.request(.bye)
        #expect(bye.came(through: proxy), incoming.ladder)
        #expect(bye.message.requestURI == incoming.call.invite.request.contactURI, incoming.ladder)
        bye.respond(200)
    }

    @Test("Ringing, Connected, and the application hangs up")
    func endedByTheApplication() async throws {
        try await called { incoming, proxy in
            #expect(incoming.invitation.string("data.offer.sdp") == SDP.offer("caller"), incoming.ladder)
            #expect(try await incoming.put("Ringing").outcome == "200 Ringing", incoming.ladder)
            #expect(try await incoming.call.response(180).recordedRoutes.count == 1, incoming.ladder)
            try await incoming.told("Ringing")
            try await incoming.connect()
            #expect(try await incoming.call.answered().bodyText == SDP.answer("app"), incoming.ladder)
            try await incoming.told("Connected")
            // A request of the caller in the dialog.
            #expect(try await incoming.call.send(.options).final().status == 200, incoming.ladder)
            #expect(try await incoming.delete().status == 204, incoming.ladder)
            try await acceptBye(incoming, proxy)
            try await incoming.told("Terminated")
        }
    }

    @Test("The caller hangs up")
    func endedByTheCaller() async throws {
        try await called { incoming, _ in
            try await incoming.connect()
            try await incoming.call.answered()
            try await incoming.told("Connected")
            let bye = try incoming.call.send(.bye, headers: [.init("Reason", "Q.850;cause=16")])
            #expect(try await bye.final().status == 200, incoming.ladder)
            let event = try await incoming.told("Terminated")
            #expect(event.string("data.reason")?.contains("Q.850;cause=16") == true, incoming.ladder)
        }
    }

    @Test("Reliable 180 and 183: each PRACK comes by the recorded route")
    func reliable() async throws {
        try await called(headers: [.init("Supported", "100rel")]) { incoming, proxy in
            try await incoming.put("Ringing")
            let ringing = try await incoming.call.response(180)
            #expect(ringing.tokens("Require").contains("100rel"), incoming.ladder)
            #expect(try await incoming.call.acknowledge(ringing).final().status == 200, incoming.ladder)
            try await incoming.told("Ringing")
            let early = try await incoming.put("InProgress", ["answer": IncomingCall.answer])
            #expect(early.outcome == "200 InProgress", incoming.ladder)
            let progress = try await incoming.call.response(183)
            #expect(progress.bodyText == SDP.answer("app"), incoming.ladder)
            #expect(try await incoming.call.acknowledge(progress).final().status == 200, incoming.ladder)
            try await incoming.told("InProgress")
            #expect(try await incoming.put("Connected").outcome == "200 Connected", incoming.ladder)
            try await incoming.call.answered()
            try await incoming.told("Connected")
            #expect(try await incoming.delete().status == 204, incoming.ladder)
            try await acceptBye(incoming, proxy)
            try await incoming.told("Terminated")
        }
    }

    @Test("The caller gives up: CANCEL hop by hop, 487")
    func cancelled() async throws {
        try await called { incoming, _ in
            try await incoming.put("Ringing")
            _ = try await incoming.call.response(180)
            try await incoming.told("Ringing")
            #expect(try await incoming.call.cancel().final().status == 200, incoming.ladder)
            #expect(try await incoming.call.refused().status == 487, incoming.ladder)
            try await incoming.told("SessionCancelled")
        }
    }

    @Test("The device is busy: 486")
    func busy() async throws {
        try await called { incoming, _ in
            try await incoming.put("Busy")
            #expect(try await incoming.call.refused().status == 486, incoming.ladder)
            try await incoming.told("Busy")
        }
    }
}
