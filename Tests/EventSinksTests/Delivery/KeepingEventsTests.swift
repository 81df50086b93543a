import CallCore
import EventSinks
import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// What the store hears of events: nothing of those that are delivered at once, everything else in time.
@Suite struct KeepingEventsTests {
    /// A store that tells what it is asked.
    private final class Diary: UndeliveredEvents {
        let saved = Mailbox<String>()
        private let inner = UndeliveredInMemory()

        func save(_ delivery: Delivery) {
            inner.save(delivery)
            saved.put(delivery.id)
        }

        func remove(_ id: Delivery.ID) { inner.remove(id) }
        func all() async throws -> [Delivery] { try await inner.all() }
    }

    private func sink(_ script: @escaping TestSink.Script) throws -> TestSink {
        try TestSink(Rig.authority.get(), script: script)
    }

    @Test("An event that its sink takes at once is never saved")
    func deliveredAtOnce() async throws {
        // Time stands still, so that no busy machine makes an event old.
        let diary = Diary()
        let sink = try sink { _ in .status(204) }
        let rig = try await Rig.make(undelivered: diary) {
            $0.clock = DeliveryClock(monotonic: { 1 }, wall: { Date() })
        }
        for number in 1...20 { try rig.deliver("e\(number)", to: sink.url(), sequenceNumber: number) }
        for number in 1...20 { #expect(try await rig.outcome("e\(number)").result == .delivered) }
        #expect(diary.saved.values.isEmpty)
        #expect(await rig.sinks.stop(within: .seconds(5)) == 0)
        #expect(diary.saved.values.isEmpty)
        sink.stop()
    }

    @Test("An event whose sink takes its time is saved while it waits, and forgotten when it is taken")
    func slow() async throws {
        let diary = Diary()
        let gate = Gate()
        let sink = try sink { _ in .wait(gate, thenStatus: 204) }
        let rig = try await Rig.make(undelivered: diary) { $0.timeout = .seconds(60) }
        try rig.deliver("e1", to: sink.url())
        #expect(await diary.saved.next() == "e1")
        #expect(rig.sinks.statistics.failedAttempts == 0)
        gate.open()
        #expect(try await rig.outcome("e1").result == .delivered)
        await rig.sinks.stop(within: .seconds(5))
        #expect(try await diary.all().isEmpty)
        sink.stop()
    }

    @Test("An event that nobody takes at the first attempt is saved at once")
    func failed() async throws {
        let diary = Diary()
        let port = try FreePort.next()
        // Time stands still: neither is the second attempt due, nor does the event grow old.
        let rig = try await Rig.make(undelivered: diary) {
            $0.clock = DeliveryClock(monotonic: { 1 }, wall: { Date() })
        }
        try rig.deliver("e1", to: "https://localhost:\(port)/")
        #expect(await diary.saved.next() == "e1")
        #expect(await rig.sinks.stop(within: .zero) == 1)
        #expect(try await diary.all().map(\.id) == ["e1"])
    }

    @Test("What the end leaves is saved, in its order; the next run sends a subscription's last event last")
    func ended() async throws {
        let diary = Diary()
        let rig = try await Rig.make(undelivered: diary, isStarted: false) {
            $0.clock = DeliveryClock(monotonic: { 1 }, wall: { Date() })
        }
        let gate = Gate()
        let arrived = Mailbox<String>()
        let slow = try sink { request in
            arrived.put(request.eventID)
            return .wait(gate, thenStatus: 204)
        }
        // As the end of a subscription does: stored by who tells it, before what came earlier is kept.
        diary.save(try Rig.delivery("last", to: slow.url(), isLast: true))
        try await rig.sinks.start()
        #expect(await arrived.next() == "last")
        for number in 1...3 {
            try rig.deliver("e\(number)", to: slow.url(), subscription: "s2", sequenceNumber: number)
        }
        #expect(await arrived.next() == "e1")
        #expect(await rig.sinks.stop(within: .zero) == 4)
        #expect(diary.saved.values == ["last", "e1", "e2", "e3"])
        slow.stop()
        gate.open()
        #expect(try await diary.all().map(\.id) == ["last", "e1", "e2", "e3"])

        diary.save(try Rig.delivery("of-s1", to: slow.url(), subscription: "s1", session: "m9"))
        let alive = try TestSink(Rig.authority.get(), port: slow.port) { _ in .status(204) }
        let second = try await Rig.make(undelivered: diary)
        for id in ["e1", "e2", "e3", "of-s1", "last"] {
            #expect(try await second.outcome(id).result == .delivered)
        }
        let order = alive.requests.map(\.eventID)
        #expect(order.filter { $0.hasPrefix("e") } == ["e1", "e2", "e3"])
        #expect(order.filter { !$0.hasPrefix("e") } == ["of-s1", "last"])
        await second.sinks.stop(within: .seconds(5))
        #expect(try await diary.all().isEmpty)
        alive.stop()
    }
}
