import Foundation
import TestPeer
import TestSink
import Testing

/// What ends a subscription is told as its last event, which needs no subscription of its own (camara-rules, "Events").
@Suite(.gateway(.events)) struct SubscriptionEndTests {
    private func expectGone(_ device: Device, _ subscription: String) async throws {
        let response = try await device.send("GET", "\(device.release.subscriptions)/\(subscription)")
        #expect(response.outcome == "404 NOT_FOUND", "\(response.text)")
    }

    @Test("DELETE is told as SUBSCRIPTION_DELETED, and nothing follows", arguments: Release.all)
    func deleted(release: Release) async throws {
        let device = try Device(try scene(), release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register()
        let subscription = try await device.subscribe(to: inbox.url, Device.Wish(registration: registration))
        let response = try await device.send("DELETE", "\(release.subscriptions)/\(subscription)")
        #expect(response.status == 204, "\(response.text)")
        let event = try await inbox.next()
        #expect(event.string("type") == release.type("subscription-ended"))
        #expect(event.string("data.subscriptionId") == subscription)
        #expect(event.string("data.terminationReason") == "SUBSCRIPTION_DELETED")
        try await expectGone(device, subscription)

        // A second subscription's event shows that the first would have been told by now.
        let witness = try EventInbox()
        defer { witness.sink.stop() }
        _ = try await device.subscribe(to: witness.url, Device.Wish(registration: registration))
        try await device.callSomebodyBusy(registration: registration)
        _ = try await witness.status("Ringing")
        #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
    }

    @Test("After its maximum of events a subscription ends with MAX_EVENTS_REACHED")
    func maximum() async throws {
        let device = try Device(try scene(), .r2)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register()
        let subscription = try await device.subscribe(
            to: inbox.url, Device.Wish(registration: registration, maximum: 2))
        for _ in 0..<2 { try await device.callSomebodyBusy(registration: registration) }
        _ = try await inbox.status("Ringing")
        _ = try await inbox.status("Busy")
        let last = try await inbox.next()
        #expect(last.string("data.terminationReason") == "MAX_EVENTS_REACHED", "\(last.summary)")
        try await expectGone(device, subscription)
        #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
    }

    @Test("At its expiry a subscription ends with SUBSCRIPTION_EXPIRED", arguments: Release.all)
    func expired(release: Release) async throws {
        let device = try Device(try scene(), release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register()
        let subscription = try await device.subscribe(
            to: inbox.url, Device.Wish(registration: registration, life: .seconds(1)))
        let event = try await inbox.next()
        #expect(event.string("data.terminationReason") == "SUBSCRIPTION_EXPIRED", "\(event.summary)")
        try await expectGone(device, subscription)
    }

    @Test("A token that runs out ends the subscription with ACCESS_TOKEN_EXPIRED, told while the token still counts")
    func tokenExpired() async throws {
        let device = try Device(try scene(), .r3)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let subscription = try await device.subscribe(
            to: inbox.url, Device.Wish(token: "short-lived", tokenLife: .seconds(2)))
        let event = try await inbox.next()
        #expect(event.string("data.terminationReason") == "ACCESS_TOKEN_EXPIRED", "\(event.summary)")
        #expect(event.headers["authorization"] == "Bearer short-lived")
        try await expectGone(device, subscription)
    }
}
