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
            #expect(await alarm.next()?.contains("credentials") ?? false)
        }
    }
}
