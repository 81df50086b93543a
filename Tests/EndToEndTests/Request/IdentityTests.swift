import TestPeer
import Testing

/// What a trunk's own keys make of the headers, both ways (docs/identities.md).
@Suite(.gateway(.identities)) struct IdentityTests {
    /// A call by the `national` trunk, expected as its peer writes the number.
    private func national() throws -> Attempt {
        let scene = try scene()
        let number = Numbers.next("+49")
        let dialled = "0" + number.dropFirst(3)
        return Attempt(
            scene: scene, number: number, call: scene.peer.expect(dialled), secondCall: scene.second.expect(dialled))
    }

    @Test("A national trunk is sent national numbers; what is not of its plan stays global")
    func nationalNumbers() async throws {
        let attempt = try national()
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post(["originatorAddress": "tel:+4930900900"])
        let message = try await attempt.call.invite().message
        #expect(message.requestURI == "sip:\(attempt.call.number)@national.example", attempt.ladder)
        #expect(message["To"] == "<sip:\(attempt.call.number)@national.example>")
        #expect(message["From"].flatMap(WireMessage.uri) == "sip:030900900@operator.example")
        #expect(message["P-Asserted-Identity"] == "<sip:030900900@operator.example>")

        let foreign = try national()
        foreign.call.whenInvited { $0.respond(486) }
        _ = try await foreign.post()
        #expect(
            try await foreign.call.invite().message["From"].flatMap(WireMessage.uri)
                == "sip:\(Attempt.caller)@operator.example;user=phone", foreign.ladder)
    }

    @Test("A national trunk's own numbers become global, the called one and the caller's")
    func nationalNumbersComeIn() async throws {
        try await Scene.run(.identitiesWithTokens) { scene in
            let callee = try await Callee(Device(scene, .r3))
            defer { callee.close() }
            let dialled = "0" + callee.device.number.dropFirst(3)
            let call = scene.peer.place(
                String(dialled), to: scene.gateway.sip,
                headers: [.init("From", "\"Alice\" <sip:030900901@10.0.0.7>;tag=national-1")])
            let incoming = try await callee.invited(by: call)
            #expect(incoming.invitation.string("data.originatorAddress") == "tel:+4930900901", incoming.ladder)
            #expect(incoming.invitation.string("data.receiverAddress") == "tel:\(callee.device.number)")
            try await incoming.put("Declined")
            try await call.refusal(603)
        }
    }

    @Test("Only a CSCF is told the service of multimedia telephony")
    func service() async throws {
        let attempt = try scene().attempt("+48")
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post()
        let message = try await attempt.call.invite().message
        #expect(message["P-Preferred-Service"] == "urn:urn-7:3gpp-service.ims.icsi.mmtel", attempt.ladder)
        #expect(
            message["Accept-Contact"] == "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"")

        let usual = try scene().attempt("+1")
        usual.call.whenInvited { $0.respond(486) }
        _ = try await usual.post()
        let other = try await usual.call.invite().message
        for name in ["P-Preferred-Service", "Accept-Contact"] { #expect(other[name] == nil) }
        #expect(other["Accept"] == "application/sdp, application/3gpp-ims+xml")
    }

    @Test("Where a call has been before is passed on as the trunk's policy says", arguments: ["pass", "ims"])
    func passedHeaders(trunk: String) async throws {
        let attempt = try scene().attempt("+1")
        let target = Numbers.next("+1")
        let redirected = try scene().peer.expect(target)
        redirected.whenInvited { $0.respond(486) }
        async let reply = attempt.post()
        try await attempt.call.invite().respond(
            302,
            headers: [
                .init("Contact", "<sip:\(target)@\(trunk).example;user=phone>"),
                .init("History-Info", "<sip:+4930@ims.example>;index=1"),
                .init("History-Info", "<sip:+4931@ims.example>;index=1.1;mp=1"),
                .init("Diversion", "<sip:+4930@ims.example>;reason=unconditional"),
            ])
        let message = try await redirected.invite().message
        _ = try await reply
        if trunk == "pass" {
            #expect(
                message["History-Info"] == "<sip:+4930@ims.example>;index=1, <sip:+4931@ims.example>;index=1.1;mp=1")
            #expect(message["Diversion"] == "<sip:+4930@ims.example>;reason=unconditional")
        } else {
            for name in ["History-Info", "Diversion"] { #expect(message[name] == nil, "\(redirected.ladder)") }
        }
    }

    @Test("P-Early-Media and the trunk's own word say whether an early answer is shown")
    func earlyMedia() async throws {
        let silent = try scene().attempt("+1")
        async let reply = silent.post()
        let invite = try await silent.call.invite()
        invite.respond(183, sdp: SDP.answer("early"), headers: [.init("P-Early-Media", "inactive")])
        let first = try await reply
        #expect(first.outcome == "201 InProgress", silent.ladder)
        #expect(first.json["answer"] == nil, silent.ladder)
        let id = try silent.sessionID(of: first)
        invite.respond(183, sdp: SDP.answer("early"), headers: [.init("P-Early-Media", "sendrecv")])
        try await silent.fence()
        let read = try await silent.read(id)
        #expect(read.json["answer"]?["sdp"]?.string == SDP.answer("early"), silent.ladder)
        invite.respond(486)

        let ringback = try scene().attempt("+45")
        async let other = ringback.post()
        let ringing = try await ringback.call.invite()
        ringing.respond(183, sdp: SDP.answer("early"))
        let posted = try await other
        #expect(posted.json["answer"] == nil, ringback.ladder)
        ringing.respond(200, sdp: SDP.answer("early"))
        _ = try await ringback.call.request(.ack)
        let answered = try await ringback.reaches("Connected", try ringback.sessionID(of: posted))
        #expect(answered["answer"]?["sdp"]?.string == SDP.answer("early"), ringback.ladder)
    }

    @Test("A trunk's session timer is asked for, and a shorter one refused (RFC 4028)")
    func sessionTimer() async throws {
        let attempt = try scene().attempt("+46")
        let (invite, _) = try await attempt.connect()
        #expect(invite.message["Session-Expires"] == "1800", attempt.ladder)
        #expect(invite.message["Min-SE"] == "300")
        let update = try attempt.call.send(
            .update, headers: [.init("Session-Expires", "299;refresher=uac"), .init("Supported", "timer")])
        let refusal = try await update.final()
        #expect(refusal.status == 422, attempt.ladder)
        #expect(refusal["Min-SE"] == "300")
    }

    @Test("A peer that knows no timers is refreshed all the same")
    func refresh() async throws {
        let attempt = try scene().attempt("+43")
        let (invite, id) = try await attempt.connect()
        #expect(invite.message["Session-Expires"] == "2", attempt.ladder)
        let update = try await attempt.call.request(.update)
        #expect(update.message["Session-Expires"] == "2;refresher=uac", attempt.ladder)
        update.respond(481)
        // The peer has lost the call: it is over.
        try await attempt.call.acceptBye()
        try await attempt.reaches("Terminated", id)
    }

    @Test("The charging id is in the call's record")
    func records() async throws {
        let attempt = try scene().attempt("+1")
        let line = try scene().gateway.nextLine { $0.contains("\"call ended\"") && $0.contains("\"charging-test\"") }
        attempt.call.whenInvited { $0.respond(486) }
        _ = try await attempt.post(headers: [.init("x-correlator", "charging-test")])
        let charging = try #require(try await attempt.call.invite().message["P-Charging-Vector"])
        let record = try #require(await line.next())
        let id = charging.split(separator: ";").first?.dropFirst("icid-value=".count) ?? ""
        #expect(id.count == 32 && record.contains("\"icid\":\"\(id)\""), "\(record)")
    }

    @Test("The network's charging id is kept: in the responses, with our name, and in the record")
    func chargingOfIncomingCalls() async throws {
        try await Scene.run(.identitiesWithTokens) { scene in
            let callee = try await Callee(Device(scene, .r3))
            defer { callee.close() }
            let line = scene.gateway.nextLine { $0.contains("\"icid\":\"network-7\"") }
            let incoming = try await callee.called(
                headers: [.init("P-Charging-Vector", "icid-value=network-7;orig-ioi=home.example")])
            try await incoming.connect()
            let answer = try await incoming.call.answered()
            #expect(
                answer["P-Charging-Vector"] == "icid-value=network-7;orig-ioi=home.example;term-ioi=operator.example")
            #expect(answer["Server"] == "gateway", incoming.ladder)
            #expect(try await incoming.delete().status == 204)
            try await incoming.call.acceptBye()
            #expect(await line.next() != nil)
        }
    }
}

extension ScenePlan {
    /// Trunks that differ in what their headers say: `+49` national numbers, `+48` a CSCF, `+46` and `+43` session timers,
    /// `+45` own ringback, `+1` none of it, and one that redirections are passed on to.
    static let identities = ScenePlan { configuration, places in
        let peer = "sip:127.0.0.1:\(places.peer.port)"
        configuration.trunks = [
            // The first one: it is the source of the peer's own calls.
            .init(
                "national", peers: [peer], domain: "national.example",
                lines: ["numbers: {format: national, stripPrefix: \"+49\", addPrefix: \"0\"}"]),
            .init("main", peers: [peer], domain: "ims.example"),
            .init("cscf", peers: [peer], lines: ["headers: {mmtel: true}"]),
            .init("timed", peers: [peer], lines: ["sessionTimer: {expires: 30m, minimum: 5m}"]),
            .init("short", peers: [peer], lines: ["sessionTimer: {expires: 2s, minimum: 1s}"]),
            .init("ringback", peers: [peer], lines: ["earlyMedia: ringback"]),
            .init(
                "pass", peers: [peer], domain: "pass.example",
                lines: ["headers: {pass: [History-Info, Diversion]}"]),
        ]
        configuration.routes = [
            ("+49", ["national"]), ("+1", ["main"]), ("+48", ["cscf"]), ("+46", ["timed"]), ("+43", ["short"]),
            ("+45", ["ringback"]),
        ]
    }
    /// The same with what calls of the network need: registrations and sinks.
    static let identitiesWithTokens = ScenePlan { configuration, places in
        try events.prepare(&configuration, places)
        try identities.prepare(&configuration, places)
    }
}
