import CallCore
import Foundation
import Synchronization
import Testing

@testable import Store

/// A clock that moves when a test says so.
final class TestClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_782_820_800))

    var now: Date { time.withLock { $0 } }
    var read: @Sendable () -> Date { { self.now } }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// A folder that goes when the test ends.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "store-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/gateway.db" }
}

/// A generator that a test can repeat.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// A journal that does what the test says, and shows what a disk would hold.
final class TestJournal: Journal, @unchecked Sendable {
    // Unchecked: all of it is in the mutex.
    struct State {
        var disk: [RowKey: Row] = [:]
        var batches: [[RowKey]] = []
        var failure: StorageFailure?
        var probes = 0
        var isClosed = false
        /// While true, a write waits.
        var isHeld = false
        /// A write has begun and waits.
        var isWaiting = false
    }

    let state = Mutex(State())
    private let gate = DispatchSemaphore(value: 0)

    func write(_ changes: [(key: RowKey, row: Row?)]) throws(StorageFailure) {
        let mustWait = state.withLock { state in
            state.isWaiting = state.isHeld
            return state.isHeld
        }
        if mustWait { gate.wait() }
        let failure = state.withLock { state -> StorageFailure? in
            state.isWaiting = false
            if let failure = state.failure { return failure }
            state.batches.append(changes.map(\.key))
            for change in changes { state.disk[change.key] = change.row }
            return nil
        }
        if let failure { throw failure }
    }

    func probe() throws(StorageFailure) {
        let failure = state.withLock { state in
            state.probes += 1
            return state.failure
        }
        if let failure { throw failure }
    }

    func close() { state.withLock { $0.isClosed = true } }

    /// Lets the next write wait until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        state.withLock { $0.isHeld = false }
        gate.signal()
    }

    func fail(with failure: StorageFailure?) { state.withLock { $0.failure = failure } }

    var disk: [RowKey: Row] { state.withLock { $0.disk } }
}

/// What several threads have said, in order.
final class SharedList<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// Waits until `condition` holds: an event on another thread that tells nobody.
func eventually(
    within limit: Duration = .seconds(15), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async rethrows {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("did not happen within \(limit)", sourceLocation: sourceLocation)
            return
        }
        await Task.yield()
    }
}

let diskFull = StorageFailure(.diskFull, path: "x.db")

extension Registration {
    /// The registration `id` of device `device` for a number that ends in `number`.
    static func test(
        _ id: String, device: String = "d1", number: Int = 1, client: String = "app", user: Bool = false,
        created: Date, lasts: Double = 3_600
    ) throws -> Registration {
        let phone = try #require(PhoneNumber("+1708585\(4_000 + number)"))
        return Registration(
            id: RegistrationID(rawValue: id), owner: SessionOwner(client: client, user: user ? phone : nil),
            number: phone, deviceID: device, createdAt: created, expiresAt: created + lasts)
    }
}
