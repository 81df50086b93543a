import CallCore
import Foundation
import Testing

@testable import Store

/// What a store does when its disk is slow or refuses.
@Suite struct DegradationTests {
    private let clock = TestClock()
    private let journal = TestJournal()
    private let reports = SharedList<StoreReport>()

    private func open(retry: Duration = .milliseconds(1), coalescing: Duration = .zero) -> NodeStore {
        var options = StoreOptions()
        options.clock = clock.read
        options.retry = retry
        options.coalescing = coalescing
        options.report = { [reports] in reports.add($0) }
        return NodeStore(journal: journal, loaded: [], options: options)
    }

    /// A waiting write is in the journal's hands.
    private func writeHasBegun() async throws {
        try await eventually { journal.state.withLock { $0.isWaiting } }
    }

    @Test func aDurableChangeIsOnDiskWhenItReturns() async throws {
        let store = open()
        let registration = try Registration.test("r1", created: clock.now)
        try await store.add(registration, ifPresent: .refuse)
        #expect(journal.disk.keys.contains(.registration(registration.id)))
        store.removeRegistration(registration.id)
        try await store.flush()
        #expect(journal.disk.isEmpty)
        try await store.close()
        #expect(journal.state.withLock { $0.isClosed })
    }

    @Test func whatGathersDuringAWriteIsOneBatch() async throws {
        let store = open()
        journal.hold()
        async let first: Void = add("r0", device: "d0", to: store)
        try await writeHasBegun()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 1..<10 { group.addTask { try await add("r\(index)", device: "d\(index)", to: store) } }
            try await eventually { store.statistics().unwrittenEntries == 10 }
            // Reading and changing go on meanwhile.
            #expect(store.statistics().registrations == 10)
            store.removeRegistration(RegistrationID(rawValue: "r5"))
            journal.release()
            try await group.waitForAll()
        }
        try await first
        #expect(journal.state.withLock { $0.batches.map(\.count) } == [1, 8])
        try await store.close()
    }

    @Test func aRefusedChangeHasNotHappened() async throws {
        let store = open(retry: .seconds(3_600))
        let kept = try Registration.test("r1", created: clock.now)
        try await store.add(kept, ifPresent: .refuse)
        journal.fail(with: diskFull)
        await #expect(throws: StoreError.unavailable(diskFull)) {
            try await store.add(.test("r2", created: clock.now), ifPresent: .replace)
        }
        #expect(store.registration(kept.id) == kept)
        #expect(store.registrations(of: kept.number) == [kept])
        #expect(store.statistics().failure == diskFull)
        // Refused before the disk is asked, while it is known to refuse.
        await #expect(throws: StoreError.unavailable(diskFull)) {
            try await store.refreshRegistration(kept.id, until: clock.now + 9_000)
        }
        await #expect(throws: StoreError.unavailable(diskFull)) { try await store.flush() }
        #expect(store.registration(kept.id) == kept)
        #expect(reports.all == [.degraded(diskFull)])
        await #expect(throws: diskFull) { try await store.close() }
    }

    @Test func aRemovalStandsAndIsWrittenWhenTheDiskRecovers() async throws {
        let store = open()
        let registration = try Registration.test("r1", created: clock.now)
        try await store.add(registration, ifPresent: .refuse)
        journal.fail(with: diskFull)
        store.removeRegistration(registration.id)
        try await eventually { store.statistics().failure == diskFull }
        #expect(store.registration(registration.id) == nil)
        #expect(journal.disk.count == 1)
        journal.fail(with: nil)
        try await eventually { store.statistics().failure == nil }
        #expect(journal.disk.isEmpty)
        #expect(reports.all.first == .degraded(diskFull))
        try await store.add(registration, ifPresent: .refuse)
        try await store.close()
        #expect(reports.all == [.degraded(diskFull), .recovered])
    }

    /// With nothing left to write only an attempt of its own can tell that the disk works again.
    @Test func recoversWithoutAnythingToWrite() async throws {
        let store = open()
        journal.fail(with: diskFull)
        await #expect(throws: StoreError.unavailable(diskFull)) { try await add("r1", device: "d1", to: store) }
        #expect(store.statistics().registrations == 0)
        #expect(store.statistics().unwrittenEntries == 0)
        try await eventually { journal.state.withLock { $0.probes > 1 } }
        journal.fail(with: nil)
        try await eventually { store.statistics().failure == nil }
        try await add("r1", device: "d1", to: store)
        #expect(journal.disk.count == 1)
        try await store.close()
    }

    /// A change in the batch that fails and one that waits behind it, of the same entry: both are taken back.
    @Test func takesBackWhatWaitsBehindAFailure() async throws {
        let store = open(retry: .seconds(3_600))
        let original = try Registration.test("r1", created: clock.now)
        try await store.add(original, ifPresent: .refuse)
        journal.hold()
        async let first: Void = expectRefusal {
            try await store.refreshRegistration(original.id, until: clock.now + 5_000)
        }
        try await writeHasBegun()
        async let second: Void = expectRefusal {
            try await store.refreshRegistration(original.id, until: clock.now + 6_000)
        }
        try await eventually { store.registration(original.id)?.expiresAt == clock.now + 6_000 }
        async let third: Void = expectRefusal {
            try await store.add(.test("r2", created: clock.now), ifPresent: .replace)
        }
        try await eventually { store.registration(original.id) == nil }
        journal.fail(with: diskFull)
        journal.release()
        _ = await (first, second, third)
        #expect(store.registrations(of: original.number) == [original])
        // The disk never saw them.
        await #expect(throws: diskFull) { try await store.close() }
        #expect(journal.disk.count == 1)
    }

    /// Somebody who did not wait has removed the entry meanwhile: that stands.
    @Test func doesNotTakeBackOverANewerChange() async throws {
        let store = open(retry: .seconds(3_600))
        journal.hold()
        async let adding: Void = expectRefusal { try await add("r1", device: "d1", to: store) }
        try await writeHasBegun()
        store.removeRegistration(RegistrationID(rawValue: "r1"))
        journal.fail(with: diskFull)
        journal.release()
        await adding
        #expect(store.statistics().registrations == 0)
        #expect(store.statistics().unwrittenEntries == 0)
        await #expect(throws: diskFull) { try await store.close() }
    }

    @Test func closingWritesWhatIsLeftAndRefusesTheRest() async throws {
        let store = open(coalescing: .seconds(3_600))
        let registration = try Registration.test("r1", created: clock.now)
        try await store.add(registration, ifPresent: .refuse)
        store.removeRegistration(registration.id)
        try await store.close()
        #expect(journal.disk.isEmpty)
        await #expect(throws: StoreError.unavailable(StorageFailure(.closed, path: ""))) {
            try await store.add(registration, ifPresent: .refuse)
        }
        try await store.close()
    }

    @Test func aStoreLetGoStillWritesWhatIsLeft() async throws {
        var store: NodeStore? = open(coalescing: .seconds(3_600))
        let registration = try Registration.test("r1", created: clock.now)
        try await store?.add(registration, ifPresent: .refuse)
        store?.removeRegistration(registration.id)
        store = nil
        try await eventually { journal.state.withLock { $0.isClosed } }
        #expect(journal.disk.isEmpty)
    }

    /// Nothing that came and went before it was written reaches the disk.
    @Test func whatNobodyWaitsForGathers() async throws {
        let store = open(coalescing: .seconds(3_600))
        let registration = try Registration.test("r1", created: clock.now)
        try await store.add(registration, ifPresent: .refuse)
        store.removeRegistration(registration.id)
        try await add("r2", device: "d2", to: store)
        #expect(journal.state.withLock { $0.batches.map(\.count) } == [1, 2])
        try await store.close()
    }

    @Test func refusesMoreWaitersThanItsLimit() throws {
        var ledger = Ledger(Contents(limits: StoreLimits(), loaded: []), maximumWaiters: 1)
        let now = clock.now
        let registrations = try [Registration.test("r1", created: now), .test("r2", device: "d2", created: now)]
        let results = SharedList<Result<Bool, StoreError>>()
        for registration in registrations {
            let settlement = ledger.commit { contents throws(StoreError) in
                _ = try contents.add(registration, ifPresent: .refuse, now: now)
                return true
            } settle: {
                results.add($0)
            }
            settlement?()
        }
        #expect(results.all == [.failure(.unavailable(StorageFailure(.overloaded, path: "")))])
        #expect(ledger.contents.registrations.all.count == 1)
    }

    private func add(_ id: String, device: String, to store: NodeStore) async throws {
        try await store.add(.test(id, device: device, created: clock.now), ifPresent: .refuse)
    }

    private func expectRefusal(_ body: () async throws -> some Any) async {
        await #expect(throws: StoreError.unavailable(diskFull)) { _ = try await body() }
    }
}
