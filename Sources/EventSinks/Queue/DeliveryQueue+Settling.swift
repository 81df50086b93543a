import CallCore

extension DeliveryQueue {
    /// The attempt that `.start(id)` asked for has ended.
    mutating func finish(_ id: UInt64, _ verdict: Verdict, now: UInt64) {
        guard let item = items[id], let order = orders[item.order], order.state == .inFlight, order.queue.first == id
        else { return }
        let handle = item.order
        leaveFlight(order.sink)
        // Until something else is said, the next event of the order may go.
        orders[handle]?.state = .ready
        record(verdict, at: order.sink, now: now)

        switch verdict {
        case .delivered:
            settleFirst(of: handle, .delivered, now: now)
        case .drop(let cause, _):
            settleFirst(of: handle, .dropped(cause), now: now)
        case .retry(let after):
            retry(handle, size: item.size, after: after, now: now)
        case .subscriptionGone:
            settleFirst(of: handle, .subscriptionGone, now: now)
            cancel(order.key.subscription, now: now)
        case .credentialExpired:
            settleFirst(of: handle, .credentialExpired, now: now)
            // If the end of the subscription waits already, it is tried as any end is.
            cancel(order.key.subscription, sparesLast: true, now: now)
        }
        enqueue(order.sink)
        pump(now: now)
    }

    /// The attempt that `.start(id)` asked for cannot begin yet: it gives its place back and is started anew on
    /// ``resume(_:now:)``, at `until` at the latest. That says nothing of the sink's health and counts as no failure.
    mutating func park(_ id: UInt64, until: UInt64, now: UInt64) {
        guard let item = items[id], let order = orders[item.order], order.state == .inFlight, order.queue.first == id
        else { return }
        leaveFlight(order.sink)
        sinks[order.sink]?.health.undecided(now: now)
        if order.isCancelled {
            settleFirst(of: item.order, .dropped(.subscriptionEnded), now: now)
        } else {
            rank(order.sink, count: 1, bytes: item.size)
            orders[item.order]?.state = .backoff(until: until)
            timers.insert(.order(item.order), at: until)
        }
        enqueue(order.sink)
        pump(now: now)
    }

    /// What ``park(_:until:now:)`` waited for is there.
    mutating func resume(_ id: UInt64, now: UInt64) {
        guard let item = items[id], let order = orders[item.order], order.queue.first == id,
            case .backoff = order.state
        else { return }
        makeReady(item.order, now: now)
        pump(now: now)
    }

    /// The subscription has ended: what waits is dropped; what is under way is not repeated.
    /// - Parameter sparesLast: its last event, if that waits already, is still sent.
    mutating func cancel(_ subscription: SubscriptionID, sparesLast: Bool = false, now: UInt64) {
        guard let handle = subscriptionIndex[subscription], let found = subscriptions[handle] else { return }
        let cancelled = sparesLast ? found.orders.filter { $0 != found.last } : found.orders
        let waiting = cancelled.flatMap { order -> [UInt64] in
            guard let order = orders[order] else { return [] }
            return (0..<order.queue.count).map { order.queue[$0] }
        }
        for order in cancelled where orders[order]?.state == .inFlight { orders[order]?.isCancelled = true }
        for id in waiting.sorted() {
            guard let order = items[id]?.order else { continue }
            if orders[order]?.state == .inFlight, orders[order]?.queue.first == id { continue }
            remove(id, .dropped(.subscriptionEnded), now: now)
        }
        pump(now: now)
    }

    private mutating func leaveFlight(_ handle: Handle<Sink>) {
        guard let sink = sinks[handle] else { return }
        inFlight -= 1
        sinks[handle]?.inFlight -= 1
        hosts[sink.host]?.inFlight -= 1
        if sink.health.state == .probing { probes -= 1 }
        wakeNext(at: sink.host)
        wakeNextHost()
    }

    /// What the verdict says of the sink's health.
    private mutating func record(_ verdict: Verdict, at handle: Handle<Sink>, now: UInt64) {
        guard let before = sinks[handle]?.health, let host = sinks[handle]?.host else { return }
        var health = before
        switch verdict {
        case .delivered, .subscriptionGone, .credentialExpired, .drop(_, isAnswer: true):
            health.succeeded(limits.health)
        case .drop(_, isAnswer: false):
            health.undecided(now: now)
        case .retry(let after):
            health.failed(limits.health, now: now, using: &random)
            if let after { health.pause(until: instant(now, after: after)) }
        }
        sinks[handle]?.health = health
        if case .open(let until) = health.state, health.state != before.state {
            timers.insert(.sink(handle), at: until)
        }
        if health.isDown != before.isDown {
            actions.append(.sinkChanged(host: hosts[host]?.name ?? "", isDown: health.isDown))
        }
    }

    private mutating func retry(_ handle: Handle<Order>, size: Int, after: UInt64?, now: UInt64) {
        guard let order = orders[handle] else { return }
        if order.isCancelled { return settleFirst(of: handle, .dropped(.subscriptionEnded), now: now) }
        let delay = max(limits.backoff.delay(failures: order.failures + 1, using: &random), after ?? 0)
        var until = instant(now, after: delay)
        // Nobody has asked for so long a wait: there is time for one attempt more.
        let last = order.bound - min(order.bound, Self.sweepInterval)
        if after == nil, until > last, now < last { until = last }
        guard until < order.bound else { return settleFirst(of: handle, .dropped(.expired), now: now) }
        rank(order.sink, count: 1, bytes: size)
        orders[handle]?.failures += 1
        orders[handle]?.state = .backoff(until: until)
        timers.insert(.order(handle), at: until)
    }

    /// Settles the event whose attempt has just ended: since it began, that is none that may be given up.
    private mutating func settleFirst(of handle: Handle<Order>, _ settlement: Settlement, now: UInt64) {
        guard let id = orders[handle]?.queue.first else { return }
        orders[handle]?.isCancelled = false
        // What follows gets a place in the line; what `remove` finds empty is taken away.
        if let count = orders[handle]?.queue.count, count > 1 { makeReady(handle, now: now) }
        remove(id, settlement, isRanked: false, now: now)
    }

    /// Takes an event out of every table and says so. Not for one that is under way.
    /// - Parameter isRanked: it is among those that may be given up.
    mutating func remove(_ id: UInt64, _ settlement: Settlement, isRanked: Bool = true, now: UInt64) {
        guard let item = items.removeValue(forKey: id), let order = orders[item.order] else { return }
        actions.append(.settle(id, settlement))
        pendingBytes -= item.size
        if isRanked { rank(order.sink, count: -1, bytes: -item.size) }
        sinks[order.sink]?.pending -= 1
        if sinks[order.sink]?.pending == 0 { sinks[order.sink]?.idleSince = now }
        while let first = sinks[order.sink]?.arrivals.first, items[first] == nil {
            sinks[order.sink]?.arrivals.popFirst()
        }

        takeFromOrder(id, item.order, now: now)
        leaveSubscription(order.subscription, now: now)
    }

    private mutating func takeFromOrder(_ id: UInt64, _ handle: Handle<Order>, now: UInt64) {
        guard let order = orders[handle],
            let offset = (0..<order.queue.count).first(where: { order.queue[$0] == id })
        else { return }
        orders[handle]?.queue.remove(at: offset)
        if order.queue.count == 1 {
            orderIndex[OrderKey(order: order.key, isLast: order.isLast)] = nil
            orders.remove(handle)
            subscriptions[order.subscription]?.orders.remove(handle)
            if order.isLast { subscriptions[order.subscription]?.last = nil }
        } else if offset == 0 {
            orders[handle]?.failures = 0
            // The wait was the removed event's.
            if case .backoff = order.state { makeReady(handle, now: now) }
        }
    }

    private mutating func leaveSubscription(_ handle: Handle<SubscriptionQueue>, now: UInt64) {
        subscriptions[handle]?.pending -= 1
        guard let subscription = subscriptions[handle] else { return }
        if subscription.pending == 0 {
            subscriptionIndex[subscription.id] = nil
            subscriptions.remove(handle)
        } else if subscription.pending == 1, let last = subscription.last, orders[last]?.state == .held {
            makeReady(last, now: now)
        }
    }
}
