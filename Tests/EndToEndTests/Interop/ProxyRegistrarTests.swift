import TestPeer
import Testing

/// Kamailio as the registrar of the gateway's accounts, with credentials asked for.
@Suite(.serialized, .gateway(.proxiedRegistrar)) struct ProxyRegistrarTests {
    @Test("A number is registered, called, and left again", arguments: ["MD5", "SHA-256"])
    func registeredAndCalled(algorithm: String) async throws {
        try await withProxy(account: .gateway(algorithm)) { proxy in
            let callee = try await Callee.new()
            defer { callee.close() }
            let peer = callee.scene.peer
            let incoming = try await callee.invited(by: peer.place(callee.device.number, to: proxy.address))
            #expect(try await incoming.put("Busy").outcome == "200 Busy", incoming.ladder)
            #expect(try await incoming.call.refused().status == 486, incoming.ladder)

            let path = "\(callee.release.registrations)/\(callee.registration)"
            #expect(try await callee.device.send("DELETE", path).status == 204)
            // The 204 does not wait for the network.
            var status: Int?
            for _ in 0..<50 where status != 404 {
                let call = peer.place(callee.device.number, to: proxy.address)
                status = try await call.refused().status
            }
            #expect(status == 404)
        }
    }

    @Test("A wrong password: 502, the operator is told, and nothing is registered", arguments: ["MD5", "SHA-256"])
    func wrongPassword(algorithm: String) async throws {
        var account = Kamailio.Plan.Account.gateway(algorithm)
        account.password = "another"
        try await withProxy(account: account) { _ in
            let device = try Device(try scene(), .r3)
            let alarm = try scene().gateway.nextLine { $0.contains("trunk needs attention") }
            let reply = try await device.send(
                "POST", device.release.registrations, json: ["deviceId": .string(device.id)])
            #expect(reply.outcome == "502 BAD_GATEWAY", "\(reply.text)")
            // Once in ten seconds for all numbers of the trunk: the case before may have had it.
            if try !scene().gateway.logTail.contains("refuses the credentials") {
                #expect(await alarm.next()?.contains("credentials") ?? false)
            }
        }
    }
}

/// Kamailio as the registrar of a whole trunk.
@Suite(.sharing, .serialized) struct ProxyTrunkRegistrarTests {
    private static let number = "+4915900000000"

    @Test(
        "A trunk registers when its registrar has come up, and is called at its Contact", arguments: ["MD5", "SHA-256"])
    func registeredAndCalled(algorithm: String) async throws {
        let port = try FreePort.next()
        let own = try await Scene(
            .proxiedInbound.with { configuration in
                configuration[trunk: "main"].domain = "127.0.0.1"
                configuration[trunk: "main"].lines += [
                    "auth: {username: gw, password: hunter2, realm: kamailio.example}",
                    "register: {mode: trunk, user: \"\(ProxyTrunkRegistrarTests.number)\", retry: 100ms}",
                ]
                configuration.more.append("admin: {listen: \"127.0.0.1:\(port)\"}")
            })
        let admin = HTTPClient(port: port)
        try await Scene.$current.withValue(own) {
            try await withProxy(account: .gateway(algorithm)) { proxy in
                try await isRegistered(admin)
                let callee = try await Callee(Device(own, .r3, number: ProxyTrunkRegistrarTests.number))
                defer { callee.close() }
                let incoming = try await callee.invited(
                    by: own.peer.place(callee.device.number, to: proxy.address))
                #expect(try await incoming.put("Busy").outcome == "200 Busy", incoming.ladder)
                #expect(try await incoming.call.refused().status == 486, incoming.ladder)
                admin.closeIdle()
                own.http.closeIdle()
                #expect(try await own.gateway.stop() == 0)
                // Taken back with it.
                let late = own.peer.place(callee.device.number, to: proxy.address)
                #expect(try await late.refused().status == 404, "\(late.ladder)")
            }
        }
    }

    private func isRegistered(_ admin: HTTPClient) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            if case .array(let trunks) = try await admin.send("GET", "/trunks").json["trunks"],
                trunks.contains(where: { $0["registration"]?["registered"]?.int == 1 })
            {
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw PatienceLost("the trunk's registration", ladder: "")
    }
}
