import Foundation
import TestPeer
import TestSink
import Testing

/// A device registers, subscribes and calls; its sink is told the call's life (camara-rules, "Events").
@Suite(.gateway(.events)) struct EventFlowTests {
    @Test("Register, subscribe, call: each status is told once and in order", arguments: Release.all)
    func wholeCall(release: Release) async throws {
        let scene = try scene()
        let device = try Device(scene, release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register()
        let subscription = try await device.subscribe(
            to: inbox.url, Device.Wish(registration: registration, token: "sink-token-1"))

        let attempt = scene.attempt()
        async let reply = device.call(attempt.number, registration: registration)
        let invite = try await attempt.call.invite()
        invite.respond(183, sdp: SDP.answer("early"))
        let session = try device.sessionID(of: try await reply)
        invite.respond(180)
        invite.respond(200, sdp: SDP.answer("early"))
        _ = try await attempt.call.request(.ack)
        let ended = try await device.send("DELETE", "\(release.sessions)/\(session)")
        #expect(ended.status == 204, "\(ended.text)")
        try await attempt.call.acceptBye()

        var ids: Set<String> = []
        for (index, status) in ["InProgress", "Ringing", "Connected", "Terminated"].enumerated() {
            let event = try await inbox.status(status)
            ids.insert(event.eventID)
            #expect(event.headers["content-type"] == "application/cloudevents+json")
            #expect(event.headers["authorization"] == "Bearer sink-token-1")
            #expect(event.headers["x-correlator"]?.isEmpty == false)
            #expect(event.string("type") == release.type("session-status"))
            #expect(event.string("specversion") == "1.0")
            #expect(event.string("source")?.contains("gw-1") == true)
            #expect(event.string("datacontenttype") == "application/json")
            #expect(event.string("time") != nil)
            #expect(event.int("data.sequenceNumber") == index + 1)
            #expect(event.string("data.subscriptionId") == subscription)
            #expect(event.string("data.mediaSessionId") == session)
            #expect(event.string("data.originatorAddress") == "tel:\(device.number)")
            #expect(event.string("data.originatorName") == "Alice")
            #expect(event.string("data.receiverAddress") == "tel:\(attempt.number)")
            #expect(event.string("data.offer.sdp") == SDP.offer())
            #expect(event.string("data.answer.sdp") == SDP.answer("early"), "\(event.summary)")
        }
        #expect(ids.count == 4)
        #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
    }

    @Test("Subscribe first, then register and call (CAMARA's user story)", arguments: [Release.r3, .r3Renamed])
    func subscribeFirst(release: Release) async throws {
        let scene = try scene()
        let device = try Device(scene, release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let subscription = try await device.subscribe(to: inbox.url, Device.Wish())
        let registration = try await device.register()
        try await device.callSomebodyBusy(registration: registration)
        let events = [try await inbox.status("Ringing"), try await inbox.status("Busy")]
        #expect(events.map { $0.string("data.subscriptionId") } == [subscription, subscription])
        #expect(events.map { $0.int("data.sequenceNumber") } == [1, 2])
    }

    @Test("A subscription that comes after its session began is told the present state first")
    func late() async throws {
        let scene = try scene()
        let device = try Device(scene, .r2)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await device.register()
        let attempt = scene.attempt()
        async let reply = device.call(attempt.number, registration: registration)
        let invite = try await attempt.call.invite()
        invite.respond(180)
        let session = try device.sessionID(of: try await reply)
        _ = try await device.subscribe(to: inbox.url, Device.Wish(registration: registration, session: session))
        let first = try await inbox.status("Ringing")
        #expect(first.int("data.sequenceNumber") == 1)
        invite.respond(200, sdp: SDP.answer())
        _ = try await attempt.call.request(.ack)
        let second = try await inbox.status("Connected")
        #expect(second.int("data.sequenceNumber") == 2)
    }

    @Test("Another client, and another user of the same one, is told nothing and sees nothing", arguments: Release.all)
    func strangers(release: Release) async throws {
        let scene = try scene()
        let device = try Device(scene, release)
        let inbox = try EventInbox()
        let foreignInbox = try EventInbox()
        defer {
            inbox.sink.stop()
            foreignInbox.sink.stop()
        }
        let registration = try await device.register()
        let subscription = try await device.subscribe(to: inbox.url, Device.Wish(registration: registration))
        let otherClient = try Device(scene, release, id: device.id, number: device.number, client: "app-2")
        let otherUser = try Device(scene, release, id: device.id)
        for stranger in [otherClient, otherUser] {
            for (method, path) in [
                ("GET", "\(release.subscriptions)/\(subscription)"),
                ("DELETE", "\(release.subscriptions)/\(subscription)"),
                ("DELETE", "\(release.registrations)/\(registration)"),
            ] {
                let response = try await stranger.send(method, path)
                #expect(response.outcome == "404 NOT_FOUND", "\(method) \(path): \(response.text)")
            }
            let list = try await stranger.send("GET", release.subscriptions)
            #expect(list.json == [], "\(list.text)")
            let call = try await stranger.call(Numbers.next("+1"), registration: registration)
            #expect(call.outcome == "403 PERMISSION_DENIED", "\(call.text)")
            // It names the device or registration that is not its own.
            let body = stranger.subscriptionBody(to: foreignInbox.url, Device.Wish(registration: registration))
            let asked = try await stranger.send("POST", release.subscriptions, json: body)
            let isRefused = asked.outcome == "403 SUBSCRIPTION_MISMATCH"
            #expect(isRefused == release.detailNamesRegistration, "\(asked.text)")
        }
        for _ in 0..<2 {
            try await device.callSomebodyBusy(registration: registration)
            _ = try await inbox.status("Ringing")
            _ = try await inbox.status("Busy")
        }
        #expect(foreignInbox.unread.isEmpty, "\(foreignInbox.unread.map(\.summary))")
    }
}
