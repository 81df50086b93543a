import Foundation
import TestPeer
import Testing

/// Numbers with an account in the network (`register: {mode: account}`, mapping §4).
@Suite(.gateway(.accounts)) struct AccountTests {
    private let registrar: PeerRegistrar

    init() throws { registrar = PeerRegistrar(peer: try scene().peer) }

    private static func post(_ device: Device) async throws -> HTTPResponse {
        try await device.send("POST", device.release.registrations, json: ["deviceId": .string(device.id)])
    }

    private static func seconds(until time: String?) -> Double? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return time.flatMap { try? Date($0, strategy: style) }?.timeIntervalSinceNow
    }

    @Test(
        "POST, PUT and DELETE are REGISTERs; the registration ends no later than the network's",
        arguments: [Release.r2, .r3])
    func life(release: Release) async throws {
        let device = try Device(try scene(), release)
        let challenge = PeerChallenge(nonce: "a1")
        async let reply = AccountTests.post(device)
        var request = try await registrar.register(device.number)
        if !(request.message["Authorization"] ?? "").contains("nonce=\"a1\"") {
            request.challenge(challenge)
            request = try await registrar.register(device.number)
        }
        #expect(request.message["To"] == "<sip:\(device.number)@ims.example>")
        #expect(request.message.contactURI?.hasPrefix("sip:\(device.number)@127.0.0.1:") == true)
        #expect(request.asksFor == 3_600)
        request.grant(300)
        let response = try await reply
        #expect(response.status == (release == .r2 ? 200 : 201), "\(response.text)")
        let left = try #require(AccountTests.seconds(until: response.json["expiresAt"]?.string), "\(response.text)")
        #expect((290...300).contains(left))

        let id = try #require(response.json["registrationId"]?.string)
        let path = "\(release.registrations)/\(id)"
        async let refreshed = device.send(
            "PUT", path, json: ["registrationExpireTime": .string(Device.time(in: .seconds(7_200)))])
        let refresh = try await registrar.register(device.number)
        #expect(refresh.message.callID == request.message.callID)
        #expect((refresh.asksFor.map { (7_190...7_201).contains($0) }) == true)
        refresh.grant(7_200)
        let longer = try await refreshed
        #expect(longer.status == 200, "\(longer.text)")
        #expect((AccountTests.seconds(until: longer.json["expiresAt"]?.string) ?? 0) > 7_000)

        #expect(try await device.send("DELETE", path).status == 204)
        let last = try await registrar.register(device.number)
        #expect(last.asksFor == 0)
        last.respond(200)
    }

    @Test(
        "What the network refuses is not registered",
        arguments: [(403, "403 PERMISSION_DENIED"), (404, "403 PERMISSION_DENIED"), (503, "503 UNAVAILABLE")])
    func refused(status: Int, outcome: String) async throws {
        let device = try Device(try scene(), .r3)
        async let reply = AccountTests.post(device)
        try await registrar.register(device.number).respond(status)
        #expect(try await reply.outcome == outcome)
        let found = try await device.send("GET", "\(Release.r3.registrations)?deviceId=\(device.id)")
        #expect(found.text.filter { !$0.isWhitespace } == "[]")
    }

    @Test("Two devices of a number have one account: it is left with the last of them")
    func twoDevices() async throws {
        let first = try Device(try scene(), .r3)
        let second = try Device(first.scene, .r3, number: first.number)
        var paths: [String] = []
        for device in [first, second] {
            async let reply = AccountTests.post(device)
            try await registrar.register(device.number).grant(3_600)
            let id = try #require(try await reply.json["registrationId"]?.string)
            paths.append("\(Release.r3.registrations)/\(id)")
        }
        #expect(try await first.send("DELETE", paths[0]).status == 204)
        try await first.scene.peer.fence(first.scene.gateway.sip)
        #expect(registrar.unread(first.number) == 0)
        #expect(try await second.send("DELETE", paths[1]).status == 204)
        let last = try await registrar.register(first.number)
        #expect(last.asksFor == 0)
        last.respond(200)
    }

    @Test("A registration that the network ends is told to its subscribers")
    func lost() async throws {
        let device = try Device(try scene(), .r3)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        async let reply = AccountTests.post(device)
        try await registrar.register(device.number).grant(3_600)
        let id = try #require(try await reply.json["registrationId"]?.string)
        _ = try await device.subscribe(to: inbox.url, Device.Wish(kind: "registration-ends", registration: id))
        // Another device of the number: the network now grants next to nothing, and then nothing.
        let other = try Device(device.scene, .r3, number: device.number)
        async let second = AccountTests.post(other)
        try await registrar.register(device.number).grant(2)
        #expect(try await second.status == 201)
        try await registrar.register(device.number).respond(403)
        let event = try await inbox.next()
        #expect(event.string("data.registrationId") == id, "\(event.summary)")
        #expect(event.string("data.terminationReason") == "NETWORK_TERMINATED")
        let call = try await device.call(Numbers.next("+1"), registration: id)
        #expect(call.outcome == "403 PERMISSION_DENIED", "\(call.text)")
    }
}

/// The same over the end of a gateway and the start of the next one.
@Suite(.sharing, .serialized) struct AccountRestartTests {
    @Test("A gateway registers again what the one before has left, and takes back what it has when it ends")
    func resumed() async throws {
        try await StoredScene.run(configure: ScenePlan.withAccounts) { stored in
            let device = try Device(stored.scene, .r3)
            let registrar = PeerRegistrar(peer: stored.scene.peer)
            async let id = device.register()
            let first = try await registrar.register(device.number)
            first.grant(3_600)
            _ = try await id
            let after = try await stored.restarted()
            let again = try await registrar.register(device.number)
            #expect(again.message.contactURI == first.message.contactURI)
            #expect((again.asksFor.map { (3_500...3_600).contains($0) }) == true)
            again.grant(3_600)
            async let end: Void = after.end()
            let last = try await registrar.register(device.number)
            #expect(last.asksFor == 0)
            last.respond(200)
            try await end
        }
    }
}
