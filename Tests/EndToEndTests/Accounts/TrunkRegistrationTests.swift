import TestPeer
import Testing

/// Trunks that register themselves (`register: {mode: trunk}`, RFC 3261 §10.2).
@Suite(.gateway(.registering)) struct TrunkRegistrationTests {
    private let registrar: PeerRegistrar

    init() throws { registrar = PeerRegistrar(peer: try scene().peer) }

    @Test("REGISTER, a challenge, several Contacts, and a refresh when half of the time granted is over")
    func registersAndRefreshes() async throws {
        let challenge = PeerChallenge(nonce: "r1")
        let first = try await registrar.register("reg1")
        #expect(first.message.requestURI == "sip:ims.example")
        #expect(first.message["From"]?.hasPrefix("<sip:reg1@ims.example>;tag=") == true)
        #expect(first.message["To"] == "<sip:reg1@ims.example>")
        #expect(first.message.contactURI?.hasPrefix("sip:reg1@127.0.0.1:") == true)
        #expect(first.message.tokens("Supported") == ["path"])
        #expect(first.asksFor == 1_800)
        // The next one is sent after this, and its time counts from then.
        let challenged = ContinuousClock.now
        first.challenge(challenge)

        let second = try await registrar.register("reg1")
        #expect(challenge.fault(in: second.message, count: 1) == nil)
        #expect(second.message.callID == first.message.callID)
        #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1)
        second.grant(2)

        let refresh = try await registrar.register("reg1")
        #expect(ContinuousClock.now - challenged > .milliseconds(990))
        #expect(challenge.fault(in: refresh.message, count: 2) == nil)
        #expect(refresh.message.callID == first.message.callID)
        #expect(refresh.message.cseq?.number == (second.message.cseq?.number ?? 0) + 1)
        refresh.grant(600)

        // What the registrar has asked for is not for whoever is called.
        let attempt = try scene().attempt("+991")
        let device = try Device(attempt.scene, .r3)
        let registered = RegisteredDevice(device, registration: try await device.register())
        async let reply = registered.call(attempt.number)
        let invite = try await attempt.call.invite()
        #expect(invite.message["Authorization"] == nil, attempt.ladder)
        invite.respond(486)
        #expect(try await reply.status == 422, attempt.ladder)
    }

    @Test("A registrar that wants a longer time gets it")
    func intervalTooBrief() async throws {
        try await registrar.register("reg2").respond(423, headers: [.init("Min-Expires", "7200")])
        let again = try await registrar.register("reg2")
        #expect(again.asksFor == 7_200)
        again.grant(7_200)
    }

    @Test("A wrong password is sent once, the operator is told, and it is not tried again")
    func wrongPassword() async throws {
        let alarm = try scene().gateway.nextLine { $0.contains("trunk needs attention") && $0.contains("reg3") }
        try await registrar.register("reg3").challenge(PeerChallenge(nonce: "w1"))
        try await registrar.register("reg3").challenge(PeerChallenge(nonce: "w2"))
        let line = await alarm.next()
        #expect(line?.contains("credentials") ?? false)
        #expect(line?.contains(PeerChallenge.password) == false)
        try await scene().peer.fence(scene().gateway.sip)
        #expect(registrar.unread("reg3") == 0)
    }

    @Test("A registrar of another realm gets no credentials, and the operator is told which")
    func anotherRealm() async throws {
        let alarm = try scene().gateway.nextLine { $0.contains("auth.realm") && $0.contains("reg9") }
        try await registrar.register("reg9").challenge(PeerChallenge(nonce: "o1", realm: "others.example"))
        #expect(await alarm.next()?.contains("others.example") ?? false)
        try await scene().peer.fence(scene().gateway.sip)
        #expect(registrar.unread("reg9") == 0)
    }

    @Test("A failure that passes is tried again, and told once")
    func triedAgain() async throws {
        let alarm = try scene().gateway.nextLine { $0.contains("trunk needs attention") && $0.contains("reg4") }
        let first = try await registrar.register("reg4")
        first.respond(503)
        #expect(await alarm.next()?.contains("503") ?? false)
        let second = try await registrar.register("reg4")
        #expect(second.message.callID == first.message.callID)
        second.respond(500)
        try await registrar.register("reg4").grant(600)
    }

    @Test("Calls take the route that the registrar asks for (RFC 3608)")
    func serviceRoute() async throws {
        let attempt = try scene().attempt("+995")
        let peer = try scene().peer.address
        let routes = ["<sip:orig@\(peer);lr>", "<sip:127.0.0.1:5999;lr>"]
        try await registrar.register("reg5").grant(600, headers: routes.map { .init("Service-Route", $0) })
        try await attempt.fence()
        let device = try Device(attempt.scene, .r3)
        let registered = RegisteredDevice(device, registration: try await device.register())
        async let reply = registered.call(attempt.number)
        let invite = try await attempt.call.invite()
        #expect(invite.message.tokens("Route") == routes, attempt.ladder)
        invite.respond(486)
        #expect(try await reply.status == 422, attempt.ladder)
    }

    @Test("A route that is too long is left out, whole, and the operator is told")
    func longServiceRoute() async throws {
        let alarm = try scene().gateway.nextLine {
            $0.contains("trunk needs attention") && $0.contains("Service-Route")
        }
        let attempt = try scene().attempt("+996")
        let routes = (0..<60).map { "<sip:orig\($0)@a-long-way-to-go.proxy\($0).ims.example;lr>" }
        try await registrar.register("reg6").grant(600, headers: routes.map { .init("Service-Route", $0) })
        #expect(await alarm.next()?.contains("reg6") ?? false)
        let device = try Device(attempt.scene, .r3)
        let registered = RegisteredDevice(device, registration: try await device.register())
        async let reply = registered.call(attempt.number)
        let invite = try await attempt.call.invite()
        #expect(invite.message["Route"] == nil, attempt.ladder)
        invite.respond(486)
        #expect(try await reply.status == 422, attempt.ladder)
    }

    @Test("Where one server takes no requests, the next one is asked at once (RFC 3263 §4.3), and refreshes go there")
    func nextServer() async throws {
        let first = try await registrar.register("reg7")
        let other = PeerRegistrar(peer: try scene().second)
        first.respond(503, headers: [.init("Retry-After", "600")])
        let second = try await other.register("reg7")
        #expect(second.message.callID == first.message.callID)
        #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1)
        second.challenge(PeerChallenge(nonce: "s1"))
        let answered = try await other.register("reg7")
        #expect(answered.message["Authorization"] != nil, "the server that has asked gets the answer")
        answered.grant(2)
        try await other.register("reg7").grant(600)
        #expect(registrar.unread("reg7") == 0, "calls leave it alone too")
        let attempt = try scene().attempt("+997")
        let device = try Device(attempt.scene, .r3)
        let registered = RegisteredDevice(device, registration: try await device.register())
        async let reply = registered.call(attempt.number)
        try await attempt.secondCall.invite().respond(486)
        #expect(try await reply.status == 422, attempt.ladder)
    }

    @Test("Where one is silent, the next one is asked after the trunk's noResponse; a late answer is nobody's")
    func silence() async throws {
        let first = try await registrar.register("reg10")
        let asked = ContinuousClock.now
        let other = PeerRegistrar(peer: try scene().second)
        let second = try await other.register("reg10")
        #expect(ContinuousClock.now - asked < .seconds(4), "Timer F would be 32 s")
        #expect(second.message.callID == first.message.callID)
        #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1)
        first.respond(403)
        second.grant(2)
        try await other.register("reg10").grant(600)
    }

    @Test("Where nobody is there, the next one is asked at once")
    func nobodyThere() async throws {
        try await registrar.register("reg8").grant(600)
    }

    @Test("A trunk that is not registered makes no gateway ready")
    func readiness() async throws {
        let port = try FreePort.next()
        let own = try await Scene(
            .registering.with { configuration in
                configuration.trunks = configuration.trunks.filter { $0.name == "reg0" }
                configuration.routes = [("+1", ["reg0"])]
                configuration.more.append("admin: {listen: \"127.0.0.1:\(port)\"}")
            })
        let registrar = PeerRegistrar(peer: own.peer)
        let admin = HTTPClient(port: port)
        func reaches(_ status: Int) async throws -> Bool {
            let deadline = ContinuousClock.now + Patience.standard
            while ContinuousClock.now < deadline {
                let page = try await admin.send("GET", "/readyz")
                if page.status == status, status == 200 || page.text == "no usable trunk\n" { return true }
                try await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
        let first = try await registrar.register("reg0")
        #expect(try await reaches(503), "it is not known yet whether calls will be taken")
        first.grant(6)
        #expect(try await reaches(200))
        try await registrar.register("reg0").respond(403)
        #expect(try await reaches(503), "it runs out")
        let page = try await admin.send("GET", "/trunks").json
        guard case .array(let trunks) = page["trunks"] else {
            Issue.record("\(page)")
            return
        }
        #expect(trunks.map { $0["usable"] } == [.bool(false)])
        admin.closeIdle()
        own.http.closeIdle()
        #expect(try await own.gateway.stop() == 0)
    }

    @Test(
        "A call to the trunk's Contact is for the number that P-Called-Party-ID names, else To",
        arguments: [true, false])
    func calledAtTheContact(isNamed: Bool) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let number = callee.device.number
        let headers: [WireMessage.Header] =
            isNamed
            ? [
                .init("P-Called-Party-ID", "<sip:\(number)@ims.example;user=phone>"),
                .init("To", "<sip:+4930111@ims.example>"),
            ] : [.init("To", "<sip:\(number)@ims.example;user=phone>")]
        let call = callee.scene.peer.place(
            "reg0", to: callee.scene.gateway.sip, sdp: SDP.offer("caller"), headers: headers)
        let incoming = try await callee.invited(by: call)
        #expect(incoming.invitation.string("data.receiverAddress") == "tel:\(number)", "\(call.ladder)")
        #expect(try await incoming.put("Busy").outcome == "200 Busy", "\(call.ladder)")
        #expect(try await call.refused().status == 486, "\(call.ladder)")
    }

    @Test("At its end the gateway takes its binding back, and operators see how it stands")
    func takenBack() async throws {
        let port = try FreePort.next()
        let own = try await Scene(
            .registering.with { configuration in
                configuration.trunks = configuration.trunks.filter { ["reg0", "reg1", "main"].contains($0.name) }
                configuration.routes = [("+1", ["main"])]
                configuration.more.append("admin: {listen: \"127.0.0.1:\(port)\"}")
            })
        let registrar = PeerRegistrar(peer: own.peer)
        try await registrar.register("reg0").grant(600)
        try await registrar.register("reg1").respond(403)
        try await own.peer.fence(own.gateway.sip)
        let admin = HTTPClient(port: port)
        let page = try await admin.send("GET", "/trunks").json
        guard case .array(let trunks) = page["trunks"] else {
            Issue.record("\(page)")
            return
        }
        #expect(trunks.map { $0["registration"]?["mode"]?.string } == ["trunk", "trunk", nil])
        #expect(trunks.map { $0["registration"]?["registered"]?.int } == [1, 0, nil])
        #expect(trunks.map { $0["registration"]?["refused"]?.int } == [0, 1, nil])
        let metrics = try await admin.send("GET", "/metrics").text
        #expect(metrics.contains("gateway_trunk_registrations{trunk=\"reg0\",state=\"registered\"} 1\n"))
        #expect(metrics.contains("gateway_registers_total{trunk=\"reg1\",outcome=\"failed\"} 1\n"))
        admin.closeIdle()
        own.http.closeIdle()
        async let code = own.gateway.stop()
        let last = try await registrar.register("reg0")
        #expect(last.asksFor == 0)
        last.respond(200)
        #expect(try await code == 0)
        #expect(registrar.unread("reg1") == 0, "what is not bound is not taken back")
    }
}
