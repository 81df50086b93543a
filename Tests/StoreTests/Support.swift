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

/// Each kind of store, for tests of what they all do.
enum StoreKind: CaseIterable {
    case memory, sqlite

    func open(
        in folder: TestFolder, clock: TestClock, _ adjust: (inout StoreOptions) -> Void = { _ in }
    ) throws -> any Store {
        var options = StoreOptions()
        options.clock = clock.read
        adjust(&options)
        let location = self == .memory ? StoreLocation.memory : .sqlite(path: folder.database)
        return try location.open(options: options)
    }
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

/// Waits until `condition` holds: an event on another thread that tells nobody, so it is looked for.
func eventually(
    within limit: Duration = .seconds(15), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("did not happen within \(limit)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(1))
    }
}

let diskFull = StorageFailure(.diskFull, path: "x.db")

extension Subscription {
    /// The subscription `id` of the client `app`, to every event of a device.
    static func test(
        _ id: String, client: String = "app", detail: Detail = Detail(deviceID: "d1"), token: String? = "secret-token",
        tokenExpires: Date = .distantFuture, expires: Date? = nil, maximumEvents: Int? = nil, created: Date
    ) throws -> Subscription {
        Subscription(
            id: SubscriptionID(rawValue: id), owner: SessionOwner(client: client),
            types: [EventType(.sessionStatus), EventType(.registrationEnds, in: .webrtcEventsSubscriptions)],
            detail: detail, sink: try SinkURL("https://sink.example/path?x=1"),
            credential: try token.map { try SinkCredential(accessToken: $0, expiresAt: tokenExpires) },
            expiresAt: expires, maximumEvents: maximumEvents, initialEvent: maximumEvents != nil, createdAt: created,
            dialect: .v03)
    }
}

extension Delivery {
    /// The delivery of the end of a subscription, with `text` as its words.
    static func test(_ id: String, text: String = "", bound: Date) throws -> Delivery {
        let subscription = SubscriptionID(rawValue: "s1")
        return Delivery(
            subscription: subscription, session: SessionID(rawValue: "m1"), sink: try SinkURL("https://sink.example/"),
            credential: try SinkCredential(accessToken: "secret-token", expiresAt: bound),
            event: CloudEvent(
                id: id, source: "https://gateway.example", time: bound,
                body: .subscriptionEnded(
                    SubscriptionEndedData(
                        subscription: subscription, reason: .subscriptionExpired, description: text))),
            correlator: "c-\(id)", bound: bound)
    }
}

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
