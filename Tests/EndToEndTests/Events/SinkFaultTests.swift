import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// Sinks that do not do what a sink should. None of them delays a call or another sink.
@Suite(.gateway(.events)) struct SinkFaultTests {
    /// A device that is registered and subscribed.
    private func ready(
        _ inbox: EventInbox, _ wish: Device.Wish = Device.Wish()
    ) async throws -> (device: Device, registration: String, subscription: String) {
        let device = try Device(try scene(), .r3)
        let registration = try await device.register()
        return (device, registration, try await device.subscribe(to: inbox.url, wish))
    }

    @Test("A sink that holds its answer delays neither calls nor another sink; its events follow in order")
    func slow() async throws {
        let gate = Gate()
        let slow = try EventInbox { _ in .wait(gate, thenStatus: 204) }
        let quick = try EventInbox()
        defer {
            gate.open()
            slow.sink.stop()
            quick.sink.stop()
        }
        let (device, registration, _) = try await ready(slow)
        _ = try await device.subscribe(to: quick.url, Device.Wish())
        try await device.callSomebodyBusy(registration: registration)
        _ = try await quick.status("Ringing")
        _ = try await quick.status("Busy")
        let first = try await slow.status("Ringing")
        #expect(slow.unread.isEmpty, "the second event has to wait for the first")
        gate.open()
        let second = try await slow.status("Busy")
        #expect([first, second].map { $0.int("data.sequenceNumber") } == [1, 2])
    }

    @Test("500, 503 and a cut connection are tried again with the same id", arguments: [500, 503, 0])
    func failing(status: Int) async throws {
        let answers = Mutex(0)
        let inbox = try EventInbox { _ in
            let count = answers.withLock { count in
                count += 1
                return count
            }
            guard count <= 2 else { return .status(204) }
            return status == 0 ? .close : .status(status)
        }
        defer { inbox.sink.stop() }
        let (device, registration, _) = try await ready(inbox)
        try await device.callSomebodyBusy(registration: registration)
        let attempts = [
            try await inbox.status("Ringing"), try await inbox.status("Ringing"), try await inbox.status("Ringing"),
        ]
        #expect(Set(attempts.map(\.eventID)).count == 1)
        #expect(Set(attempts.map(\.body)).count == 1)
        _ = try await inbox.status("Busy")
        #expect(inbox.unread.isEmpty)
    }

    @Test("429 is waited for as long as Retry-After says")
    func throttled() async throws {
        let times = Mutex<[ContinuousClock.Instant]>([])
        let inbox = try EventInbox { _ in
            let count = times.withLock { times in
                times.append(.now)
                return times.count
            }
            return count == 1 ? .status(429, headers: ["Retry-After": "2"]) : .status(204)
        }
        defer { inbox.sink.stop() }
        let (device, registration, _) = try await ready(inbox)
        try await device.callSomebodyBusy(registration: registration)
        let refused = try await inbox.status("Ringing")
        let taken = try await inbox.status("Ringing")
        #expect(refused.eventID == taken.eventID)
        // The second time has been taken by then: the next event waits for the answer to this one.
        _ = try await inbox.status("Busy")
        let pause = times.withLock { $0[1] - $0[0] }
        #expect(pause >= .seconds(2), "\(pause)")
    }

    @Test("410 ends the subscription, and 404 drops one event alone")
    func gone() async throws {
        let gate = Gate()
        // Not before the other event is in its queue, however slow the machine is.
        let gone = try EventInbox { _ in
            gate.pass()
            return .status(410)
        }
        let wrong = try EventInbox { $0.int("data.sequenceNumber") == 1 ? .status(404) : .status(204) }
        defer {
            gone.sink.stop()
            wrong.sink.stop()
        }
        let (device, registration, subscription) = try await ready(gone)
        let kept = try await device.subscribe(to: wrong.url, Device.Wish())
        try await device.callSomebodyBusy(registration: registration)
        _ = try await gone.status("Ringing")
        _ = try await wrong.status("Ringing")
        _ = try await wrong.status("Busy")
        gate.open()
        try await expectGone(device, subscription)
        #expect(try await device.send("GET", "\(device.release.subscriptions)/\(kept)").status == 200)
        #expect(wrong.unread.isEmpty && gone.unread.isEmpty, "\((wrong.unread + gone.unread).map(\.summary))")
    }

    /// The answer to 410 reaches the subscription a moment after the sink has given it.
    private func expectGone(_ device: Device, _ subscription: String) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let response = try await device.send("GET", "\(device.release.subscriptions)/\(subscription)")
            if response.outcome == "404 NOT_FOUND" { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the subscription is still there")
    }

    @Test("401 with a token that still counts drops the event, not the subscription")
    func unauthorised() async throws {
        let inbox = try EventInbox { $0.int("data.sequenceNumber") == 1 ? .status(401) : .status(204) }
        defer { inbox.sink.stop() }
        let (device, registration, subscription) = try await ready(inbox, Device.Wish(token: "good"))
        try await device.callSomebodyBusy(registration: registration)
        _ = try await inbox.status("Ringing")
        _ = try await inbox.status("Busy")
        #expect(try await device.send("GET", "\(device.release.subscriptions)/\(subscription)").status == 200)
    }

    @Test("A sink that is dead and comes back gets what it missed, and the log tells both")
    func dead() async throws {
        let port = try FreePort.next()
        let device = try Device(try scene(), .r3)
        let registration = try await device.register()
        _ = try await device.subscribe(to: "https://localhost:\(port)/events", Device.Wish())
        // Five failures in a row make a sink count as down.
        let down = device.scene.gateway.nextLine { $0.contains("\"sink is down\"") && $0.contains(String(port)) }
        let up = device.scene.gateway.nextLine { $0.contains("\"sink is back\"") && $0.contains(String(port)) }
        for _ in 0..<3 { try await device.callSomebodyBusy(registration: registration) }
        #expect(await down.next(within: .seconds(60)) != nil, "\(device.scene.gateway.logTail)")
        let inbox = try EventInbox(port: port)
        defer { inbox.sink.stop() }
        var seen: [String: [Int]] = [:]
        for _ in 0..<6 {
            let event = try await inbox.next(within: .seconds(60))
            let session = try #require(event.string("data.mediaSessionId"))
            seen[session, default: []].append(try #require(event.int("data.sequenceNumber")))
        }
        #expect(Array(seen.values) == [[1, 2], [1, 2], [1, 2]], "\(seen)")
        #expect(await up.next() != nil, "\(device.scene.gateway.logTail)")
    }

    @Test(
        "A sink on this machine is refused where the configuration does not allow it",
        arguments: [
            "https://192.168.1.7/", "https://10.0.0.1/", "https://169.254.169.254/latest", "http://localhost/",
            "https://user:secret@localhost/",
        ])
    func notAllowed(sink: String) async throws {
        let device = try Device(try scene(), .r3)
        let response = try await device.send(
            "POST", device.release.subscriptions, json: device.subscriptionBody(to: sink, Device.Wish()))
        #expect(response.outcome == "400 INVALID_SINK", "\(response.text)")
        #expect(!response.text.contains("secret"))
    }
}
