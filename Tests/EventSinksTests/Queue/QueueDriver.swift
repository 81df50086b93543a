import CallCore
import Testing

@testable import EventSinks

/// A queue with a clock that the test moves, and what it has asked for so far.
struct QueueDriver {
    typealias Queue = DeliveryQueue<Seeded>

    var queue: Queue
    var now: UInt64 = 1_000_000_000_000
    /// Attempts asked for and not ended, in order.
    private(set) var underWay: [UInt64] = []
    /// Everything ever asked for, in order.
    private(set) var started: [UInt64] = []
    private(set) var settled: [UInt64: Queue.Settlement] = [:]
    private(set) var sinkChanges: [String] = []
    private var lastID: UInt64 = 0
    private(set) var orders: [UInt64: Delivery.Order] = [:]

    init(seed: UInt64 = 1, _ change: (inout QueueLimits) -> Void = { _ in }) {
        var limits = QueueLimits()
        change(&limits)
        queue = Queue(limits: limits, random: Seeded(state: seed))
    }

    static let second: UInt64 = 1_000_000_000

    /// Hands an event over and returns its id.
    @discardableResult
    mutating func accept(
        subscription: String = "s1", session: String? = "m1", sink: String = "https://a/1", host: String? = nil,
        size: Int = 1_000, bound: UInt64 = 3_600, isLast: Bool = false
    ) -> UInt64 {
        lastID += 1
        let order = Delivery.Order(
            subscription: SubscriptionID(rawValue: subscription), session: session.map(SessionID.init(rawValue:)))
        orders[lastID] = order
        queue.accept(
            Queue.Ticket(
                id: lastID, order: order, sink: sink, host: host ?? sink, size: size,
                bound: now + bound * QueueDriver.second, isLast: isLast), now: now)
        collect()
        return lastID
    }

    mutating func finish(_ id: UInt64, _ verdict: Verdict = .delivered) {
        underWay.removeAll { $0 == id }
        queue.finish(id, verdict, now: now)
        collect()
    }

    mutating func park(_ id: UInt64, seconds: UInt64) {
        underWay.removeAll { $0 == id }
        queue.park(id, until: now + seconds * QueueDriver.second, now: now)
        collect()
    }

    mutating func resume(_ id: UInt64) {
        queue.resume(id, now: now)
        collect()
    }

    mutating func cancel(_ subscription: String) {
        queue.cancel(SubscriptionID(rawValue: subscription), now: now)
        collect()
    }

    /// Moves the clock from deadline to deadline, `seconds` in all.
    mutating func pass(seconds: UInt64) {
        let end = now + seconds * QueueDriver.second
        while let due = queue.nextDeadline, due <= end {
            now = max(now, due)
            queue.advance(to: now)
            collect()
        }
        now = end
    }

    /// Delivers all that can be until nothing is under way.
    mutating func deliverAll() {
        while let id = underWay.first { finish(id) }
    }

    private mutating func collect() {
        for action in queue.actions {
            switch action {
            case .start(let id):
                #expect(settled[id] == nil, "\(id) is started after it was settled")
                underWay.append(id)
                started.append(id)
            case .settle(let id, let settlement):
                #expect(settled[id] == nil, "\(id) is settled twice")
                #expect(!underWay.contains(id), "\(id) is settled under way")
                settled[id] = settlement
            case .sinkChanged(let host, let isDown): sinkChanges.append("\(host) \(isDown ? "down" : "up")")
            }
        }
        queue.actions = []
        checkTables()
    }

    /// What must hold at any time.
    private func checkTables() {
        #expect(queue.inFlight == underWay.count)
        let perOrder = Dictionary(grouping: underWay) { orders[$0] }
        #expect(perOrder.values.allSatisfy { $0.count == 1 }, "two of one order are under way")
        #expect(queue.inFlight <= queue.limits.inFlight)
        #expect(queue.pending <= queue.limits.pending)
        #expect(queue.pendingBytes <= queue.limits.pendingBytes)
        // After every step it would take the square of many events' time.
        if queue.pending <= 100 { checkRanking() }
    }

    /// Each host and each sink weighs what waits for it: no more, no less.
    private func checkRanking() {
        var hosts: [Int: Weight] = [:]
        var sinks: [Queue.Handle<Queue.Host>: [Int: Weight]] = [:]
        for (id, item) in queue.items where !underWay.contains(id) {
            guard let order = queue.orders[item.order], let sink = queue.sinks[order.sink],
                let place = sink.place?.place
            else {
                Issue.record("\(id) waits for no sink")
                continue
            }
            hosts[sink.host.place, default: Weight()].add(item.size)
            sinks[sink.host, default: [:]][place, default: Weight()].add(item.size)
        }
        #expect(queue.byCount.ranked == hosts.mapValues(\.count))
        #expect(queue.byBytes.ranked == hosts.mapValues(\.bytes))
        for handle in queue.hosts.handles {
            let expected = sinks[handle] ?? [:]
            #expect(queue.hosts[handle]?.byCount.ranked == expected.mapValues(\.count))
            #expect(queue.hosts[handle]?.byBytes.ranked == expected.mapValues(\.bytes))
        }
    }

    private struct Weight {
        var count = 0
        var bytes = 0

        mutating func add(_ size: Int) {
            count += 1
            bytes += size
        }
    }

    /// Whether nothing is left but what is known of sinks.
    var isDrained: Bool {
        queue.pending == 0 && queue.pendingBytes == 0 && queue.inFlight == 0 && queue.probes == 0
            && queue.orders.count == 0
            && queue.subscriptions.count == 0 && queue.orderIndex.isEmpty && queue.subscriptionIndex.isEmpty
            && queue.byCount.first == nil && queue.byBytes.first == nil
    }
}
