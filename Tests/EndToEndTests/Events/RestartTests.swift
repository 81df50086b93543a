import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// kill -9, and a new gateway on the same store (docs/storage.md).
@Suite(.sharing, .serialized) struct RestartTests {
    @Test("Registrations, subscriptions and what the sink has missed are there after kill -9")
    func killed() async throws {
        let port = try FreePort.next()
        try await StoredScene.run { stored in
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register()
            let subscription = try await device.subscribe(
                to: "https://localhost:\(port)/events", Device.Wish(token: "kept"))
            for _ in 0..<3 { try await device.callSomebodyBusy(registration: registration) }
            // Handed over is not kept yet: that comes with the first failure, or after a moment.
            try await stored.settles { $0["storeUndelivered"] == 6 && $0["storeUnwritten"] == 0 }

            let after = try await stored.restarted()
            let same = device.moved(to: after.scene)
            let inbox = try EventInbox(port: port)
            defer { inbox.sink.stop() }
            var seen: [String: [Int]] = [:]
            var ids: Set<String> = []
            for _ in 0..<6 {
                let event = try await inbox.next(within: .seconds(60))
                #expect(event.headers["authorization"] == "Bearer kept")
                #expect(event.string("data.subscriptionId") == subscription)
                ids.insert(event.eventID)
                let session = try #require(event.string("data.mediaSessionId"))
                seen[session, default: []].append(try #require(event.int("data.sequenceNumber")))
            }
            #expect(Array(seen.values) == [[1, 2], [1, 2], [1, 2]], "\(seen)")
            #expect(ids.count == 6)

            #expect(try await same.send("GET", "\(Release.r3.subscriptions)/\(subscription)").status == 200)
            try await same.callSomebodyBusy(registration: registration)
            _ = try await inbox.status("Ringing")
            _ = try await inbox.status("Busy")
            #expect(inbox.unread.isEmpty, "\(inbox.unread.map(\.summary))")
            try await after.end()
        }
    }

    @Test("Killed while events flow: none is lost that was stored, none comes under a second id, order is kept")
    func killedInTheMiddle() async throws {
        // Every third answer fails, so that at any moment some events wait.
        let count = Mutex(0)
        let taken = Mutex<Set<String>>([])
        let again = Mutex<Set<String>>([])
        let inbox = try EventInbox { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number.isMultiple(of: 3) { return .status(503) }
            let isNew = taken.withLock { $0.insert(request.eventID).inserted }
            if !isNew { again.withLock { _ = $0.insert(request.eventID) } }
            return .status(204)
        }
        defer { inbox.sink.stop() }
        try await StoredScene.run { stored in
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register()
            _ = try await device.subscribe(to: inbox.url, Device.Wish())
            for _ in 0..<6 { try await device.callSomebodyBusy(registration: registration) }
            try await stored.settles { $0["eventsPending"] == 0 && $0["storeUnwritten"] == 0 }
            let first = taken.withLock { $0 }
            #expect(first.count == 12)
            for _ in 0..<4 { try await device.callSomebodyBusy(registration: registration) }
            let after = try await stored.restarted()
            try await after.settles { $0["eventsPending"] == 0 && $0["storeUndelivered"] == 0 }

            // What the store knew to be delivered is not delivered again; what was taken in the last moment before the kill
            // may be (docs/storage.md, "What durable means").
            #expect(again.withLock { $0 }.isDisjoint(with: first))
            // In the order in which they first came. What comes again says the same; the order of an object's members is
            // another in another process.
            var contents: [String: JSONValue] = [:]
            var numbers: [String: [Int]] = [:]
            var repeated: [String: [Int]] = [:]
            for event in inbox.unread {
                let content = try JSONValue(parsing: Array(event.body))
                if let before = contents[event.eventID] {
                    #expect(before == content)
                    continue
                }
                contents[event.eventID] = content
                let session = try #require(event.string("data.mediaSessionId"))
                let number = try #require(event.int("data.sequenceNumber"))
                if event.string("data.reason") == "gateway restarted" {
                    repeated[session, default: []].append(number)
                } else {
                    numbers[session, default: []].append(number)
                }
            }
            // The last events may not have been on the disk: of all that was told, there is a beginning without a gap. What
            // the next run says of a session goes on from there, and so may have the number of an event that went out in
            // the last moment (docs/storage.md).
            for (session, sequence) in numbers {
                let later = repeated[session] ?? []
                #expect(sequence == (0..<sequence.count).map { $0 + 1 }, "\(session)")
                #expect(later.count <= 1, "\(session)")
                #expect(later.allSatisfy { [sequence.count, sequence.count + 1].contains($0) }, "\(session)")
            }
            #expect(numbers.count >= 9, "\(numbers)")
            try await after.end()
        }
    }

    @Test("A registration that ran out while no gateway ran is told at the next start")
    func expiredMeanwhile() async throws {
        try await StoredScene.run { stored in
            let inbox = try EventInbox()
            defer { inbox.sink.stop() }
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register(for: .seconds(2))
            let end = ContinuousClock.now + .seconds(2)
            _ = try await device.subscribe(to: inbox.url, Device.Wish(kind: "registration-ends"))
            try await stored.scene.gateway.crash()
            // The registration's end is a moment of the clock, and the gateway has to be away when it comes.
            try await Task.sleep(until: end, clock: .continuous)
            let after = StoredScene(try await stored.scene.restarted(), like: stored)
            let event = try await inbox.next()
            #expect(event.string("data.registrationId") == registration)
            #expect(event.string("data.terminationReason") == "REGISTRATION_EXPIRED")
            try await after.end()
        }
    }

    @Test("SIGTERM delivers what is left before the program ends")
    func drained() async throws {
        let gate = Gate()
        let inbox = try EventInbox { _ in .wait(gate, thenStatus: 204) }
        defer {
            gate.open()
            inbox.sink.stop()
        }
        try await StoredScene.run { stored in
            let device = try Device(stored.scene, .r3)
            let registration = try await device.register()
            _ = try await device.subscribe(to: inbox.url, Device.Wish())
            try await device.callSomebodyBusy(registration: registration)
            _ = try await inbox.status("Ringing")
            let draining = stored.scene.gateway.nextLine { $0.contains("\"draining\"") }
            stored.scene.gateway.signal(SIGTERM)
            #expect(await draining.next() != nil)
            gate.open()
            _ = try await inbox.status("Busy")
            #expect(try await stored.scene.gateway.ended() == 0, "\(stored.scene.gateway.logTail)")
        }
    }
}
