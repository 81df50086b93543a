import CallCore
import Foundation
import Testing

@testable import Store

@Suite struct UndeliveredEventTests {
    private let clock = TestClock()
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func open(_ kind: StoreKind, _ adjust: (inout StoreOptions) -> Void = { _ in }) throws -> any Store {
        try kind.open(in: folder, clock: clock, adjust)
    }

    @Test(arguments: StoreKind.allCases) func areKeptInOrder(_ kind: StoreKind) async throws {
        let store = try open(kind)
        for index in 0..<10 { store.save(try .test("e\(index)", bound: clock.now)) }
        store.remove("e3")
        store.remove("none")
        // In its place, with what is new.
        let again = try Delivery.test("e5", text: "again", bound: clock.now + 60)
        store.save(again)
        store.save(try .test("e3", bound: clock.now))
        let all = try await store.all()
        #expect(all.map(\.id) == ["e0", "e1", "e2", "e4", "e5", "e6", "e7", "e8", "e9", "e3"])
        #expect(all[4] == again)
        #expect(store.statistics().undelivered == 10)
        try await store.close()
    }

    @Test func outliveTheProcessAndTheirSubscription() async throws {
        let store = try open(.sqlite)
        try await store.add(.test("s1", created: clock.now))
        let session = Session(
            id: SessionID(rawValue: "m1"), owner: SessionOwner(client: "app"), originatorAddress: "tel:+17085854001",
            receiverAddress: "tel:+17085854002", offer: nil, status: .ringing, reason: "SIP 180 Ringing")
        let status = Delivery(
            subscription: SubscriptionID(rawValue: "s1"), session: session.id,
            sink: try SinkURL("https://sink.example/"),
            credential: nil,
            event: CloudEvent(
                id: "status", source: "https://gateway.example", time: clock.now,
                body: .sessionStatus(
                    SessionEventData(
                        session, subscription: SubscriptionID(rawValue: "s1"), dialect: .v02, sequenceNumber: 1))),
            correlator: "", bound: clock.now + 60)
        let deliveries = try [.test("e1", bound: clock.now), status, .test("e2", bound: .distantFuture)]
        for delivery in deliveries { store.save(delivery) }
        store.removeSubscription(SubscriptionID(rawValue: "s1"))
        try await store.close()

        let reopened = try open(.sqlite)
        #expect(try await reopened.all() == deliveries)
        #expect(reopened.statistics().bytes == store.statistics().bytes)
        // New ones stand behind those of the run before.
        reopened.remove("e1")
        reopened.save(try .test("e0", bound: clock.now))
        try await reopened.close()
        let last = try open(.sqlite)
        #expect(try await last.all().map(\.id) == ["status", "e2", "e0"])
        try await last.close()
    }

    @Test(arguments: StoreKind.allCases) func keepTheirLimits(_ kind: StoreKind) async throws {
        let size = Footprint.bytes(of: try Delivery.test("e0", bound: clock.now))
        let store = try open(kind) {
            $0.limits.undelivered = 3
            $0.limits.undeliveredBytes = 3 * size + 10
        }
        for index in 0..<4 { store.save(try .test("e\(index)", bound: clock.now)) }
        #expect(try await store.all().map(\.id) == ["e0", "e1", "e2"])
        #expect(store.statistics().undeliveredRefused == 1)
        // One that grows beyond the room keeps its older form.
        store.save(try .test("e1", text: String(repeating: "x", count: 11), bound: clock.now))
        #expect(store.statistics().undeliveredRefused == 2)
        store.save(try .test("e1", text: "0123456789", bound: clock.now))
        #expect(store.statistics().undeliveredRefused == 2)
        #expect(store.statistics().bytes == 3 * size + 10)
        for index in 0..<3 { store.remove("e\(index)") }
        #expect(store.statistics().bytes == 0)
        try await store.close()
    }

    /// What is delivered at once never reaches the disk.
    @Test func comeAndGoWithoutTheDisk() async throws {
        let journal = TestJournal()
        var options = StoreOptions()
        options.coalescing = .seconds(3_600)
        let store = NodeStore(journal: journal, loaded: [], options: options)
        for index in 0..<100 {
            store.save(try .test("e\(index)", bound: clock.now))
            if index != 50 { store.remove("e\(index)") }
        }
        try await store.flush()
        #expect(journal.state.withLock { $0.batches.map(\.count) } == [1])
        try await store.close()
    }

    /// While the disk is full events are kept in memory, up to the limit, and written when there is room again.
    @Test func surviveAFullDiskInMemory() async throws {
        let journal = TestJournal()
        var options = StoreOptions()
        options.coalescing = .zero
        options.retry = .milliseconds(1)
        let store = NodeStore(journal: journal, loaded: [], options: options)
        journal.fail(with: diskFull)
        store.save(try .test("e1", bound: clock.now))
        try await eventually { store.statistics().failure == diskFull }
        store.save(try .test("e2", bound: clock.now))
        #expect(await store.all().map(\.id) == ["e1", "e2"])
        journal.fail(with: nil)
        try await eventually { store.statistics().failure == nil && journal.disk.count == 2 }
        try await store.close()
    }
}
