import CallCore
import EventSinks
import Foundation
import Store
import Synchronization
import TestPeer
import TestSink
import TestTLS
import Testing

@testable import Services

/// From a session's change to the sink: the notifier with the real delivery engine, TLS and loopback sockets.
@Suite(.serialized) struct DeliveryTests {
    static let authority = Result { try TestAuthority() }
    private let statuses: [SessionStatus] = [.inProgress, .ringing, .connected, .terminated]

    /// A gateway's part of events: store, delivery and notifier, wired as the program wires them.
    private struct Gateway: Sendable {
        let store: any Store
        let sinks: EventSinks
        let notifier: Notifier
        let outcomes = Counter()

        init(
            store: any Store, ahead: TimeInterval = 0, _ change: (inout EventSinks.Options) -> Void = { _ in }
        ) throws {
            var notifierOptions = Notifier.Options(source: "urn:test:gateway")
            notifierOptions.allowList = try SinkAllowList(["127.0.0.0/8", "localhost"])
            notifierOptions.clock = { Date() + ahead }
            let notifier = Notifier(notifierOptions, store: store)
            var options = EventSinks.Options()
            options.allowList = notifierOptions.allowList
            options.certificates = try DeliveryTests.authority.get().ca
            options.backoff = Backoff(initial: .milliseconds(20), maximum: .milliseconds(300))
            options.clock.wall = { Date() + ahead }
            let outcomes = outcomes
            options.onOutcome = { outcome in
                notifier.settled(outcome)
                outcomes.record(outcome)
            }
            change(&options)
            self.store = store
            self.notifier = notifier
            sinks = EventSinks(options, undelivered: store)
        }

        func start(_ sessions: SessionTable) async throws {
            try await sinks.start()
            notifier.start(delivering: sinks, session: sessions.look)
        }

        func subscribe(_ request: SubscriptionRequest) async throws -> Subscription {
            try await withCheckedContinuation { continuation in
                notifier.subscribe(request) { continuation.resume(returning: $0) }
            }.get()
        }
    }

    /// How deliveries ended, and somebody who waits for a number of them.
    private final class Counter: Sendable {
        private struct State {
            var delivered = 0
            var others: [DeliveryOutcome] = []
            var goal = Int.max
        }
        private let state = Mutex(State())
        private let reached = Mailbox<Void>()

        func record(_ outcome: DeliveryOutcome) {
            let isReached = state.withLock { state in
                if outcome.result == .delivered { state.delivered += 1 } else { state.others.append(outcome) }
                return state.delivered + state.others.count == state.goal
            }
            if isReached { reached.put(()) }
        }

        /// Waits until so many are over, all together.
        func wait(for count: Int) async throws {
            let isReached = state.withLock { state in
                state.goal = count
                return state.delivered + state.others.count >= count
            }
            if isReached { return }
            guard await reached.next(within: Patience.standard * 4) != nil else {
                throw PatienceLost("\(count) outcomes", ladder: "\(delivered) delivered\n\(others)")
            }
        }

        var delivered: Int { state.withLock(\.delivered) }
        var others: [DeliveryOutcome] { state.withLock(\.others) }
    }

    /// What sinks have taken: answered 204, in this order, by subscription and session.
    private final class Ledger: Sendable {
        private struct State {
            var ids: [String: Int] = [:]
            var numbers: [String: [Int]] = [:]
            var statuses: [String: String] = [:]
        }
        private let state = Mutex(State())

        func take(_ request: SinkRequest) {
            guard let event = try? JSONDecoder().decode(CloudEvent.self, from: request.body) else {
                Issue.record("not an event")
                return
            }
            state.withLock { state in
                state.ids[event.id, default: 0] += 1
                guard case .sessionStatus(let data) = event.body else { return }
                let line = "\(data.subscriptionID) \(data.mediaSessionID)"
                // A sink that dies after it has taken an event is given it again: the same id, which it knows.
                if state.ids[event.id] == 1 { state.numbers[line, default: []].append(data.sequenceNumber) }
                state.statuses[line] = data.status.rawValue
            }
        }

        var ids: [String: Int] { state.withLock(\.ids) }
        var numbers: [String: [Int]] { state.withLock(\.numbers) }
        var statuses: [String: String] { state.withLock(\.statuses) }
    }

    private func session(_ number: Int, devices: Int, _ status: SessionStatus, version: Int) -> Session {
        let device = SessionDevice(
            registrationID: RegistrationID(rawValue: "r\(number % devices)"), deviceID: "d\(number % devices)")
        return Sample.session("m\(number)", status, device: device, version: version)
    }

    /// 2,000 sessions of 4 events to sinks that are slow, fail, ask for pauses, or die and come back.
    @Test(.timeLimit(.minutes(2))) func losesNothingToSinksThatFail() async throws {
        let authority = try DeliveryTests.authority.get()
        let ledger = Ledger()
        let draws = Mutex(Draws(state: 7))
        @Sendable func draw(_ below: Int) -> Int { draws.withLock { $0.draw(below) } }

        let slow = try TestSink(authority, keepsRequests: false) { request in
            usleep(UInt32(draw(8_000)))
            ledger.take(request)
            return .status(204)
        }
        let failing = try TestSink(authority, keepsRequests: false) { request in
            switch draw(10) {
            case 0: return .status(500)
            case 1: return .status(503)
            case 2: return .close
            default:
                ledger.take(request)
                return .status(204)
            }
        }
        let pausing = try TestSink(authority, keepsRequests: false) { request in
            if draw(100) == 0 { return .status(429, headers: ["Retry-After": "1"]) }
            ledger.take(request)
            return .status(204)
        }
        let taken = Mailbox<Int>()
        let count = Mutex(0)
        let mortalScript: TestSink.Script = { request in
            ledger.take(request)
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number % 300 == 0 { taken.put(number) }
            return .status(204)
        }
        let first = try TestSink(authority, keepsRequests: false, script: mortalScript)
        let port = first.port

        let devices = 40
        let sessions = SessionTable()
        let gateway = try Gateway(store: try StoreLocation.memory.open()) {
            $0.failuresUntilDown = 3
            $0.maximumPending = 20_000
        }
        try await gateway.start(sessions)
        let urls = [slow.url(), failing.url(), pausing.url(), first.url()]
        for index in 0..<devices {
            _ = try await gateway.subscribe(
                Sample.request(device: "d\(index)", registration: "r\(index)", sink: urls[index % 4] + "?\(index % 8)"))
        }
        await withCheckedContinuation { continuation in
            let statuses = statuses
            Thread.detachNewThread {
                for base in stride(from: 0, to: 2_000, by: 100) {
                    for (index, status) in statuses.enumerated() {
                        for number in base..<(base + 100) {
                            let session = session(number, devices: devices, status, version: index + 1)
                            sessions.publish(session)
                            gateway.notifier.sessionChanged(session)
                        }
                    }
                }
                continuation.resume()
            }
        }
        // It dies twice while events are under way, and comes back at the same address.
        var mortal = first
        for _ in 0..<2 {
            _ = try #require(await taken.next())
            mortal.stop()
            mortal = try await reopen(authority, port: port, script: mortalScript)
        }
        try await gateway.outcomes.wait(for: 8_000)
        #expect(gateway.outcomes.delivered == 8_000)
        #expect(gateway.outcomes.others.map(\.result) == [])
        #expect(ledger.ids.count == 8_000)
        #expect(ledger.numbers.count == 2_000)
        #expect(ledger.numbers.values.allSatisfy { $0 == [1, 2, 3, 4] })
        #expect(ledger.statuses.values.allSatisfy { $0 == "Terminated" })
        #expect(gateway.sinks.statistics.failedAttempts > 0)
        await gateway.notifier.stop()
        #expect(await gateway.sinks.stop(within: .seconds(5)) == 0)
        #expect(try await gateway.store.all().isEmpty)
        for sink in [slow, failing, pausing, mortal] { sink.stop() }
    }

    /// The port is free once the old listener's thread has seen the end.
    private func reopen(
        _ authority: TestAuthority, port: UInt16, script: @escaping TestSink.Script
    ) async throws -> TestSink {
        let end = ContinuousClock.now + Patience.standard
        while true {
            do {
                return try TestSink(authority, port: port, keepsRequests: false, script: script)
            } catch {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// The gateway ends in the middle and a new one starts on the same file: what was not delivered follows.
    @Test(.timeLimit(.minutes(2))) func goesOnWithTheSameFile() async throws {
        let authority = try DeliveryTests.authority.get()
        let folder = FileManager.default.temporaryDirectory.appending(path: "notifier-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = StoreLocation.sqlite(path: folder.appending(path: "gateway.db").path)

        let ledger = Ledger()
        // Takes half of it, then nothing until the second gateway is there.
        let room = Mutex(200)
        let half = Mailbox<Void>()
        let sink = try TestSink(authority, keepsRequests: false) { request in
            let isTaken = room.withLock { room in
                room -= 1
                return room >= 0
            }
            guard isTaken else {
                half.put(())
                return .status(503)
            }
            ledger.take(request)
            return .status(204)
        }
        let sessions = SessionTable()
        let first = try Gateway(store: try file.open())
        try await first.start(sessions)
        for index in 0..<10 {
            _ = try await first.subscribe(Sample.request(device: "d\(index)", sink: sink.url("/\(index)")))
        }
        let leaving = try await first.subscribe(Sample.request(device: "d0", sink: sink.url("/0"), maximum: 4))
        for (index, status) in statuses.enumerated() {
            for number in 0..<100 {
                let session = session(number, devices: 10, status, version: index + 1)
                sessions.publish(session)
                first.notifier.sessionChanged(session)
            }
        }
        // 400 events of ten subscriptions, 4 and the end of the eleventh.
        _ = try #require(await half.next())
        await first.notifier.stop()
        let left = await first.sinks.stop(within: .milliseconds(100))
        #expect(left > 0)
        try await first.store.close()

        room.withLock { $0 = .max }
        let stored = ledger.ids.count
        let second = try Gateway(store: try file.open())
        #expect(second.store.subscription(leaving.id) == nil)
        #expect(second.store.statistics().subscriptions == 10)
        try await second.start(sessions)
        // What is new waits behind what is old.
        second.notifier.sessionChanged(session(1_000, devices: 10, .ringing, version: 1))
        try await second.outcomes.wait(for: left + 1)
        #expect(second.outcomes.delivered == left + 1)
        #expect(stored + left >= 405)
        #expect(ledger.ids.count == 406)
        #expect(ledger.numbers.filter { $0.key.hasSuffix(" m1000") }.values.map { $0 } == [[1]])
        for (line, numbers) in ledger.numbers where !line.hasSuffix(" m1000") && !line.hasPrefix(leaving.id.rawValue) {
            #expect(numbers == [1, 2, 3, 4])
        }
        #expect(ledger.ids["\(leaving.id)-ended"] == 1)
        await second.notifier.stop()
        #expect(await second.sinks.stop(within: .seconds(5)) == 0)
        #expect(try await second.store.all().isEmpty)
        try await second.store.close()
        sink.stop()
    }

    /// What sinks answer comes back to the subscription.
    @Test func endsWithWhatTheSinkAnswers() async throws {
        let requests = Mailbox<SinkRequest>()
        let sink = try TestSink(DeliveryTests.authority.get()) { request in
            requests.put(request)
            if request.path == "/gone" { return .status(410) }
            return request.string("data.terminationReason") == nil ? .status(401) : .status(204)
        }
        let sessions = SessionTable()
        // An hour ahead of the token's end, with nobody who looks at the time.
        let gateway = try Gateway(store: try StoreLocation.memory.open(), ahead: 3_600)
        try await gateway.sinks.start()
        #expect(gateway.notifier.load(delivering: gateway.sinks, session: sessions.look))
        let gone = try await gateway.subscribe(Sample.request(device: "d1", sink: sink.url("/gone")))
        gateway.notifier.sessionChanged(Sample.session())
        try await gateway.outcomes.wait(for: 1)
        #expect(gateway.store.subscription(gone.id) == nil)
        #expect(gateway.outcomes.others.map(\.result) == [.subscriptionGone])
        #expect(await requests.next()?.path == "/gone")

        let expired = try await gateway.subscribe(
            Sample.request(device: "d2", sink: sink.url("/expired"), token: Date() + 60))
        // Two at once are refused; the end is tried once.
        let device = SessionDevice(registrationID: RegistrationID(rawValue: "r2"), deviceID: "d2")
        for id in ["m2", "m3"] { gateway.notifier.sessionChanged(Sample.session(id, device: device)) }
        try await gateway.outcomes.wait(for: 4)
        #expect(gateway.store.subscription(expired.id) == nil)
        #expect(gateway.outcomes.delivered == 1)
        let told = try #require(await requests.next { $0.string("data.terminationReason") != nil })
        #expect(told.string("data.terminationReason") == "ACCESS_TOKEN_EXPIRED")
        #expect(told.string("id") == "\(expired.id)-ended")
        await gateway.notifier.stop()
        await gateway.sinks.stop(within: .seconds(5))
        sink.stop()
    }
}
