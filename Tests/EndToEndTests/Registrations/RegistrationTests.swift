import Foundation
import TestPeer
import TestSink
import Testing

/// Registrations over real sockets: what needs one, and how they end.
@Suite(.gateway(.events)) struct RegistrationTests {
    @Test(
        "Without a registration a session of v0.3 and v0.4 is refused before the network hears of it",
        arguments: [Release.r2, .r3])
    func required(release: Release) async throws {
        let device = try Device(try scene(), release)
        let attempt = device.scene.attempt()
        let missing = try await device.call(attempt.number, registration: nil)
        #expect(missing.outcome == "400 INVALID_ARGUMENT", "\(missing.text)")
        #expect(missing.json["message"]?.string?.contains("registrationId") == true)
        let unknown = try await device.call(attempt.number, registration: String(repeating: "A", count: 40))
        #expect(unknown.outcome == "403 PERMISSION_DENIED", "\(unknown.text)")
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    @Test("A registration that has ended opens no session", arguments: [Release.r2, .r3])
    func ended(release: Release) async throws {
        let device = try Device(try scene(), release)
        let registration = try await device.register()
        let response = try await device.send("DELETE", "\(release.registrations)/\(registration)")
        #expect(response.status == 204, "\(response.text)")
        let call = try await device.call(Numbers.next("+1"), registration: registration)
        #expect(call.outcome == "403 PERMISSION_DENIED", "\(call.text)")
    }

    @Test("A second release reads what the first has registered, and the number is full at its maximum")
    func readAndLimit() async throws {
        let device = try Device(try scene(), .r3)
        let registration = try await device.register()
        let read = try await device.send("GET", "\(Release.r3.registrations)/\(registration)")
        #expect(read.json["registrationId"]?.string == registration, "\(read.text)")
        let again = try await device.send(
            "POST", Release.r3.registrations, json: ["deviceId": .string(device.id)])
        #expect(again.outcome == "409 ALREADY_EXISTS", "\(again.text)")
        for _ in 1..<3 { _ = try await Device(device.scene, .r3, number: device.number).register() }
        let fourth = try Device(device.scene, .r3, number: device.number)
        let full = try await fourth.send("POST", Release.r3.registrations, json: ["deviceId": .string(fourth.id)])
        #expect(full.outcome == "403 MAX_DEVICES_PER_USER", "\(full.text)")
    }

    @Test("registration-ends comes when a registration runs out, and once", arguments: Release.all)
    func expired(release: Release) async throws {
        let device = try Device(try scene(), release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register(for: .seconds(6))
        let subscription = try await device.subscribe(
            to: inbox.url, Device.Wish(kind: "registration-ends", registration: registration))
        let event = try await inbox.next()
        #expect(event.string("type") == release.type("registration-ends"))
        #expect(event.string("data.registrationId") == registration)
        #expect(event.string("data.subscriptionId") == subscription)
        #expect(event.string("data.terminationReason") == "REGISTRATION_EXPIRED")
        let call = try await device.call(Numbers.next("+1"), registration: registration)
        #expect(call.outcome == "403 PERMISSION_DENIED", "\(call.text)")
        #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
    }

    @Test("A refresh keeps a registration from running out")
    func refreshed() async throws {
        let device = try Device(try scene(), .r2)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        // Another device of the user runs out at the same time: its event shows that the moment has come.
        let witness = try Device(device.scene, .r2, number: device.number)
        let registration = try await device.register(for: .seconds(8))
        let other = try await witness.register(for: .seconds(8))
        for (device, id) in [(device, registration), (witness, other)] {
            _ = try await device.subscribe(
                to: inbox.url, Device.Wish(kind: "registration-ends", registration: id))
        }
        let refreshed = try await device.send(
            "PUT", "\(Release.r2.registrations)/\(registration)",
            json: ["registrationExpireTime": .string(Device.time(in: .seconds(600)))])
        #expect(refreshed.status == 200, "\(refreshed.text)")
        let event = try await inbox.next()
        #expect(event.string("data.registrationId") == other, "\(event.summary)")
        let attempt = device.scene.attempt()
        async let reply = device.call(attempt.number, registration: registration)
        try await attempt.call.invite().respond(486)
        #expect(try await reply.status == 422)
        #expect(inbox.unread.isEmpty)
    }
}
