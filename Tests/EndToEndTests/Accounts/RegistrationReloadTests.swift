import TestPeer
import Testing

/// What is registered in the network when the configuration is read again.
@Suite(.sharing) struct RegistrationReloadTests {
    /// A gateway of its own, whose trunk `reg0` registers at the first peer or whose numbers have accounts there.
    private static func run(
        _ plan: ScenePlan, _ body: (Scene, PeerRegistrar) async throws -> Void
    ) async throws {
        let scene = try await Scene(plan)
        try await body(scene, PeerRegistrar(peer: scene.peer))
        scene.http.closeIdle()
        #expect(try await scene.gateway.stop() == 0)
    }

    private static let registering = ScenePlan.registering.with { configuration in
        configuration.trunks = configuration.trunks.filter { ["reg0", "main"].contains($0.name) }
        configuration.routes = [("+1", ["main"])]
    }

    /// A device whose number has its account registered: with the REGISTER, and the registration's id.
    private static func registered(
        _ scene: Scene, by registrar: PeerRegistrar
    ) async throws -> (device: Device, request: PeerRequest, registration: String) {
        let device = try Device(scene, .r3)
        async let id = device.register()
        let request = try await registrar.register(device.number)
        request.grant(3_600)
        return (device, request, try await id)
    }

    /// Whether no REGISTER of `user` is on its way.
    private static func isQuiet(_ user: String, _ scene: Scene, _ registrar: PeerRegistrar) async throws -> Bool {
        try await registrar.peer.fence(scene.gateway.sip)
        return registrar.unread(user) == 0
    }

    @Test("A trunk that comes is registered, one that goes is taken back, and one that comes back is registered again")
    func comesAndGoes() async throws {
        try await RegistrationReloadTests.run(RegistrationReloadTests.registering) { scene, registrar in
            try await registrar.register("reg0").grant(600)
            let both = scene.gateway.configuration
            var more = both
            var added = more.trunks[0]
            added.name = "reg1"
            added.lines = added.lines.map { $0.replacing("reg0", with: "reg1") }
            more.trunks.append(added)
            #expect(try await scene.gateway.reload(more).text == "reloaded; changed: trunks\n")
            try await registrar.register("reg1").grant(600)
            #expect(registrar.unread("reg0") == 0, "it has not changed")

            #expect(try await scene.gateway.reload(both).text == "reloaded; changed: trunks\n")
            let last = try await registrar.register("reg1")
            #expect(last.asksFor == 0)
            // Before that is answered.
            #expect(try await scene.gateway.reload(more).status == 0)
            let repeated = try await registrar.register("reg1")
            #expect(repeated.asksFor == 0 && repeated.message.callID == last.message.callID)
            repeated.respond(200)
            let again = try await registrar.register("reg1")
            #expect(again.asksFor == 1_800 && again.message.callID == last.message.callID)
            #expect((again.message.cseq?.number ?? 0) > (repeated.message.cseq?.number ?? 0))
            again.grant(600)
            #expect(try await RegistrationReloadTests.isQuiet("reg0", scene, registrar))

            var none = both
            none.trunks.removeAll { $0.name == "reg0" }
            #expect(try await scene.gateway.reload(none).status == 0)
            for user in ["reg0", "reg1"] {
                let last = try await registrar.register(user)
                #expect(last.asksFor == 0)
                last.respond(200)
            }
        }
    }

    @Test("What has nothing to do with a registration leaves it alone; another way registers anew")
    func changes() async throws {
        try await RegistrationReloadTests.run(RegistrationReloadTests.registering) { scene, registrar in
            let first = try await registrar.register("reg0")
            first.grant(600)
            var changed = scene.gateway.configuration
            changed.trunks[0].lines.append("limits: {calls: 7}")
            #expect(try await scene.gateway.reload(changed).text == "reloaded; changed: trunks\n")
            #expect(try await RegistrationReloadTests.isQuiet("reg0", scene, registrar))

            changed.trunks[0].peers = ["sip:127.0.0.1:\(scene.second.port)"]
            #expect(try await scene.gateway.reload(changed).status == 0)
            let elsewhere = PeerRegistrar(peer: scene.second)
            let second = try await elsewhere.register("reg0")
            #expect(second.message.callID == first.message.callID)
            #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1)
            #expect(second.message.contactURI == first.message.contactURI)
            #expect(second.asksFor == 1_800)
            // It is not answered, and the trunk moves back.
            #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 0)
            let third = try await registrar.register("reg0")
            #expect(third.message.cseq?.number == (first.message.cseq?.number ?? 0) + 2)
            third.grant(600)
            #expect(try await RegistrationReloadTests.isQuiet("reg0", scene, registrar))
        }
    }

    @Test("A trunk that is left out while another is registered with the same address of record is not taken back")
    func sameAddressOfRecord() async throws {
        let twice = RegistrationReloadTests.registering.with { configuration in
            var other = configuration.trunks[0]
            other.name = "second"
            configuration.trunks.append(other)
        }
        try await RegistrationReloadTests.run(twice) { scene, registrar in
            let both = [try await registrar.register("reg0"), try await registrar.register("reg0")]
            for request in both { request.grant(600) }
            #expect(both[0].message.callID != both[1].message.callID)
            var one = scene.gateway.configuration
            one.trunks.removeAll { $0.name == "second" }
            #expect(try await scene.gateway.reload(one).status == 0)
            #expect(try await RegistrationReloadTests.isQuiet("reg0", scene, registrar))
        }
    }

    @Test("A call in set-up keeps the registrar's route while its trunk changes")
    func serviceRoute() async throws {
        let routed = RegistrationReloadTests.registering.with { $0.routes.append(("+990", ["reg0"])) }
        try await RegistrationReloadTests.run(routed) { scene, registrar in
            let route = "<sip:orig@\(scene.peer.address);lr>"
            try await registrar.register("reg0").grant(600, headers: [.init("Service-Route", route)])
            let device = try Device(scene, .r3)
            let registered = RegisteredDevice(device, registration: try await device.register())
            let attempt = scene.attempt("+990")
            async let reply = registered.call(attempt.number)
            let invite = try await attempt.call.invite()
            #expect(invite.message.tokens("Route") == [route], attempt.ladder)
            var changed = scene.gateway.configuration
            changed.trunks[0].lines.append("limits: {calls: 7}")
            #expect(try await scene.gateway.reload(changed).status == 0)
            invite.challenge(PeerChallenge(isProxy: true, nonce: "sr"))
            _ = try await attempt.call.request(.ack)
            let again = try await attempt.call.invite()
            #expect(again.message.tokens("Route") == [route], attempt.ladder)
            again.respond(486)
            #expect(try await reply.status == 422, attempt.ladder)
        }
    }

    @Test("A password that has been put right is tried at once")
    func password() async throws {
        try await RegistrationReloadTests.run(RegistrationReloadTests.registering) { scene, registrar in
            let alarm = scene.gateway.nextLine { $0.contains("trunk needs attention") && $0.contains("reg0") }
            try await registrar.register("reg0").challenge(PeerChallenge(nonce: "p1", password: "another"))
            try await registrar.register("reg0").respond(403)
            #expect(await alarm.next() != nil)
            var changed = scene.gateway.configuration
            changed.trunks[0].lines = changed.trunks[0].lines.map {
                $0.replacing(PeerChallenge.password, with: "another")
            }
            #expect(try await scene.gateway.reload(changed).status == 0)
            let challenge = PeerChallenge(nonce: "p2", password: "another")
            try await registrar.register("reg0").challenge(challenge)
            let request = try await registrar.register("reg0")
            #expect(challenge.fault(in: request.message, count: 1) == nil)
            request.grant(600)
        }
    }

    @Test("Numbers follow their account: to another way, to another domain, away, and back")
    func numbers() async throws {
        try await RegistrationReloadTests.run(.accounts) { scene, registrar in
            let (device, first, registration) = try await RegistrationReloadTests.registered(scene, by: registrar)
            let before = scene.gateway.configuration

            var changed = before
            changed[trunk: "main"].lines.append("limits: {calls: 7}")
            #expect(try await scene.gateway.reload(changed).status == 0)
            #expect(try await RegistrationReloadTests.isQuiet(device.number, scene, registrar))

            changed[trunk: "main"].peers = ["sip:127.0.0.1:\(scene.second.port)"]
            #expect(try await scene.gateway.reload(changed).status == 0)
            let elsewhere = PeerRegistrar(peer: scene.second)
            let second = try await elsewhere.register(device.number)
            #expect(second.message.callID == first.message.callID)
            #expect(second.message.cseq?.number == (first.message.cseq?.number ?? 0) + 1, "none was sent in between")
            second.grant(3_600)

            // Another domain is another address of record.
            changed[trunk: "main"].domain = "other.example"
            #expect(try await scene.gateway.reload(changed).status == 0)
            let requests = [try await elsewhere.register(device.number), try await elsewhere.register(device.number)]
            let last = try #require(requests.first { $0.asksFor == 0 })
            #expect(last.message.callID == first.message.callID)
            #expect(last.message["To"] == second.message["To"])
            let other = try #require(requests.first { $0.asksFor != 0 })
            #expect(other.message["To"] == "<sip:\(device.number)@other.example>")
            #expect((other.asksFor.map { (3_500...3_600).contains($0) }) == true)
            last.respond(200)
            other.grant(3_600)

            // No account: nothing in the network, and the device stays registered.
            changed[trunk: "main"].lines.removeAll { $0.hasPrefix("register:") }
            #expect(try await scene.gateway.reload(changed).status == 0)
            try await elsewhere.takeBack(device.number)
            let found = try await device.send("GET", "\(Release.r3.registrations)?deviceId=\(device.id)")
            #expect(found.text.contains(registration), "\(found.text)")

            #expect(try await scene.gateway.reload(before).status == 0)
            let back = try await registrar.register(device.number)
            #expect(back.message["To"] == first.message["To"])
            back.grant(3_600)
        }
    }

    /// Longer than a reload takes.
    private static let noResponse = Patience.standard / 5

    @Test(
        "A number that is being registered when its account goes: 503, and what comes of it is taken back where it was")
    func interrupted() async throws {
        try await RegistrationReloadTests.run(.accounts) { scene, registrar in
            var both = scene.gateway.configuration
            both[trunk: "main"].peers.append("sip:127.0.0.1:\(scene.second.port)")
            both[trunk: "main"].lines.append(
                "failover: {noResponse: \(RegistrationReloadTests.noResponse.components.seconds)s}")
            #expect(try await scene.gateway.reload(both).status == 0)
            let device = try Device(scene, .r3)
            async let reply = device.send("POST", Release.r3.registrations, json: ["deviceId": .string(device.id)])
            let request = try await registrar.register(device.number)
            let asked = ContinuousClock.now
            var without = both
            without[trunk: "main"].lines.removeAll { $0.hasPrefix("register:") }
            #expect(try await scene.gateway.reload(without).status == 0)
            #expect(try await reply.outcome == "503 UNAVAILABLE")
            // Longer than the next address would be asked after.
            try await Task.sleep(until: asked + RegistrationReloadTests.noResponse + .milliseconds(500))
            #expect(try await RegistrationReloadTests.isQuiet(device.number, scene, PeerRegistrar(peer: scene.second)))
            request.grant(3_600)
            let last = try await registrar.register(device.number)
            #expect(last.asksFor == 0 && last.message.callID == request.message.callID)
            last.respond(200)
        }
    }

    @Test("A number that comes back to its domain before it was taken back there is registered on the same call")
    func backAndForth() async throws {
        try await RegistrationReloadTests.run(.accounts) { scene, registrar in
            let (device, first, _) = try await RegistrationReloadTests.registered(scene, by: registrar)
            let before = scene.gateway.configuration
            var other = before
            other[trunk: "main"].domain = "other.example"
            #expect(try await scene.gateway.reload(other).status == 0)
            let requests = [try await registrar.register(device.number), try await registrar.register(device.number)]
            try #require(requests.first { $0.message.callID != first.message.callID }).grant(3_600)
            let unanswered = try #require(requests.first { $0.asksFor == 0 })

            #expect(try await scene.gateway.reload(before).status == 0)
            var again: PeerRequest?
            for _ in 0..<3 {
                let request = try await registrar.register(device.number)
                if request.asksFor == 0 { request.respond(200) } else { again = request }
                if again != nil { break }
            }
            let back = try #require(again)
            #expect(back.message.callID == first.message.callID)
            #expect((back.message.cseq?.number ?? 0) > (unanswered.message.cseq?.number ?? 0))
            back.grant(3_600)
        }
    }
}

extension PeerRegistrar {
    /// Takes the REGISTER of `user` that takes the binding back, and answers it.
    fileprivate func takeBack(_ user: String) async throws {
        let last = try await register(user)
        #expect(last.asksFor == 0)
        last.respond(200)
    }
}
