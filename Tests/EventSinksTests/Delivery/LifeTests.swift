import CallCore
import Curl
import EventSinks
import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// Beginning, end, bounds and what outlives them.
@Suite struct LifeTests {
    private func sink(_ script: @escaping TestSink.Script = { _ in .status(204) }) throws -> TestSink {
        try TestSink(Rig.authority.get(), script: script)
    }

    @Test func deliversWhatIsPendingBeforeItEnds() async throws {
        let sink = try sink()
        let rig = try await Rig.make()
        for number in 1...500 {
            try rig.deliver("e\(number)", to: sink.url(), session: "m\(number % 50)", sequenceNumber: number)
        }
        #expect(await rig.sinks.stop(within: .seconds(15)) == 0)
        #expect(Set(sink.requests.map(\.eventID)).count == 500)
        #expect(rig.sinks.statistics.delivered == 500)
        #expect(rig.sinks.statistics.pending == 0)
        try rig.deliver("late", to: sink.url())
        #expect(try await rig.outcome("late").result == .dropped(.stopped))
        #expect(await rig.sinks.stop(within: .seconds(1)) == 0)
        sink.stop()
    }

    @Test func keepsWhatItCouldNotDeliverForTheNextRun() async throws {
        let store = UndeliveredInMemory()
        let gate = Gate()
        let arrived = Mailbox<String>()
        let dead = try sink { request in
            arrived.put(request.eventID)
            return .wait(gate, thenStatus: 204)
        }
        let first = try await Rig.make(undelivered: store) { $0.timeout = .seconds(60) }
        for number in 1...5 { try first.deliver("e\(number)", to: dead.url(), sequenceNumber: number) }
        #expect(await arrived.next() == "e1")
        #expect(await first.sinks.stop(within: .milliseconds(50)) == 5)
        for number in 1...5 { #expect(try await first.outcome("e\(number)").result == .dropped(.stopped)) }
        dead.stop()
        gate.open()

        let port = dead.port
        let alive = try TestSink(Rig.authority.get(), port: port) { _ in .status(204) }
        let second = try await Rig.make(undelivered: store)
        for number in 1...5 { #expect(try await second.outcome("e\(number)").result == .delivered) }
        #expect(alive.requests.map(\.eventID) == ["e1", "e2", "e3", "e4", "e5"])
        await second.sinks.stop(within: .seconds(5))
        #expect(try await store.all().isEmpty)
        alive.stop()
    }

    @Test func waitsWithWhatCameBeforeItsStart() async throws {
        let sink = try sink()
        let rig = try await Rig.make(isStarted: false)
        try rig.deliver("early", to: sink.url())
        try await rig.sinks.start()
        #expect(try await rig.outcome("early").result == .delivered)
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func endsWithoutEverHavingStarted() async throws {
        let store = UndeliveredInMemory()
        let rig = try await Rig.make(undelivered: store, isStarted: false)
        try rig.deliver("e1", to: "https://localhost:1/")
        #expect(await rig.sinks.stop(within: .seconds(1)) == 1)
        #expect(try await rig.outcome("e1").result == .dropped(.stopped))
        #expect(try await store.all().map(\.id) == ["e1"])
    }

    @Test func dropsAtOnceWhatTheThreadCannotTake() async throws {
        let rig = try await Rig.make(isStarted: false) { $0.maximumPending = 3 }
        for number in 1...5 { try rig.deliver("e\(number)", to: "https://localhost:1/") }
        #expect(rig.outcomes.values.map(\.delivery.id) == ["e4", "e5"])
        #expect(rig.outcomes.values.allSatisfy { $0.result == .dropped(.overflow) })
        #expect(rig.sinks.statistics.dropped(.overflow) == 2)
        await rig.sinks.stop(within: .zero)
    }

    @Test func dropsTheOldestOfASinkThatHangs() async throws {
        let gate = Gate()
        let arrived = Mailbox<String>()
        let sink = try sink { request in
            arrived.put(request.eventID)
            return .wait(gate, thenStatus: 204)
        }
        let rig = try await Rig.make {
            $0.maximumPending = 3
            $0.timeout = .seconds(60)
        }
        try rig.deliver("e1", to: sink.url(), sequenceNumber: 1)
        #expect(await arrived.next() == "e1")
        for number in 2...4 {
            try rig.deliver("e\(number)", to: sink.url(), sequenceNumber: number)
            // One by one: the inbox has the same bound.
            if number == 4 { #expect(try await rig.outcome("e2").result == .dropped(.overflow)) }
        }
        gate.open()
        for number in [1, 3, 4] { #expect(try await rig.outcome("e\(number)").result == .delivered) }
        // The gap is there for the client to see.
        #expect(sink.requests.compactMap { $0.int("data.sequenceNumber") } == [1, 3, 4])
        await rig.sinks.stop(within: .seconds(5))
        sink.stop()
    }

    @Test func forgetsACancelledSubscription() async throws {
        let gate = Gate()
        let arrived = Mailbox<String>()
        let sink = try sink { request in
            arrived.put(request.eventID)
            return .wait(gate, thenStatus: 204)
        }
        let store = UndeliveredInMemory()
        let rig = try await Rig.make(undelivered: store) { $0.timeout = .seconds(60) }
        for number in 1...3 { try rig.deliver("e\(number)", to: sink.url(), sequenceNumber: number) }
        #expect(await arrived.next() == "e1")
        rig.sinks.cancel(SubscriptionID(rawValue: "s1"))
        try rig.deliver("last", to: sink.url(), isLast: true)
        #expect(try await rig.outcome("e2").result == .dropped(.subscriptionEnded))
        #expect(try await rig.outcome("e3").result == .dropped(.subscriptionEnded))
        gate.open()
        #expect(try await rig.outcome("last").result == .delivered)
        #expect(sink.requests.map(\.eventID) == ["e1", "last"])
        await rig.sinks.stop(within: .seconds(5))
        #expect(try await store.all().isEmpty)
        sink.stop()
    }

    @Test func refusesToStartWithoutCertificates() async throws {
        let rig = try await Rig.make(isStarted: false) { $0.certificates = "/nonexistent/ca.pem" }
        await #expect(throws: CurlError.unreadableCertificates(path: "/nonexistent/ca.pem")) {
            try await rig.sinks.start()
        }
        await rig.sinks.stop(within: .zero)
    }

    @Test func refusesToStartWithoutItsStore() async throws {
        struct Broken: UndeliveredEvents, Error {
            func save(_ delivery: Delivery) {}
            func remove(_ id: Delivery.ID) {}
            func all() async throws -> [Delivery] { throw self }
        }
        let rig = try await Rig.make(undelivered: Broken(), isStarted: false)
        await #expect(throws: Broken.self) { try await rig.sinks.start() }
        await rig.sinks.stop(within: .zero)
    }
}
