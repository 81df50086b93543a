import CallCore

extension DeliveryQueue {
    /// Takes an event, or settles it at once if there is no room, no time or no subscription left for it.
    mutating func accept(_ ticket: Ticket, now: UInt64) {
        guard ticket.bound > now else { return refuse(ticket, .expired) }
        // Nothing is given up for what would not fit even alone.
        guard ticket.size <= limits.pendingBytes else { return refuse(ticket, .overflow) }
        if let handle = subscriptionIndex[ticket.order.subscription], let subscription = subscriptions[handle] {
            if subscription.last != nil { return refuse(ticket, .subscriptionEnded) }
            if subscription.pending >= limits.pendingPerSubscription, !giveUpOldest(of: subscription, now: now) {
                return refuse(ticket, .subscriptionOverflow)
            }
        }
        while pending >= limits.pending || pendingBytes + ticket.size > limits.pendingBytes {
            let worst = pending >= limits.pending ? worstSink(byCount, \.byCount) : worstSink(byBytes, \.byBytes)
            guard giveUpOldest(of: worst, now: now) else { return refuse(ticket, .overflow) }
        }
        insert(ticket, now: now)
        if nextSweep == nil { nextSweep = instant(now, after: Self.sweepInterval) }
        pump(now: now)
    }

    private mutating func refuse(_ ticket: Ticket, _ cause: DropCause) {
        actions.append(.settle(ticket.id, .dropped(cause)))
    }

    private mutating func insert(_ ticket: Ticket, now: UInt64) {
        let sink = sink(of: ticket)
        let subscription = subscription(ticket.order.subscription)
        let order = order(of: ticket, sink: sink, subscription: subscription)

        items[ticket.id] = Item(order: order, size: ticket.size)
        pendingBytes += ticket.size
        subscriptions[subscription]?.pending += 1
        sinks[sink]?.pending += 1
        sinks[sink]?.arrivals.append(ticket.id)
        rank(sink, count: 1, bytes: ticket.size)
        orders[order]?.bound = ticket.bound
        orders[order]?.queue.append(ticket.id)
        if ticket.isLast {
            // It waits for all others: what is not taken until it is given up was not in time either.
            for other in subscriptions[subscription]?.orders ?? [] {
                if let bound = orders[other]?.bound, bound > ticket.bound { orders[other]?.bound = ticket.bound }
            }
        }

        let isAlone = subscriptions[subscription]?.pending == 1
        if orders[order]?.state == .held, isAlone { makeReady(order, now: now) }
        compact(sink)
    }

    private mutating func sink(of ticket: Ticket) -> Handle<Sink> {
        if let known = sinkIndex[ticket.sink] { return known }
        let host: Handle<Host>
        if let known = hostIndex[ticket.host] {
            host = known
        } else {
            host = hosts.insert(Host(name: ticket.host))
            hostIndex[ticket.host] = host
        }
        let sink = sinks.insert(Sink(url: ticket.sink, host: host, health: SinkHealth(limits.health)))
        sinks[sink]?.place = hosts[host]?.sinks.insert(sink)
        sinkIndex[ticket.sink] = sink
        return sink
    }

    private mutating func subscription(_ id: SubscriptionID) -> Handle<SubscriptionQueue> {
        if let known = subscriptionIndex[id] { return known }
        let handle = subscriptions.insert(SubscriptionQueue(id: id))
        subscriptionIndex[id] = handle
        return handle
    }

    /// The order to append to. A new one is ready at once, or held if it is the last of its subscription. A client that
    /// changes a subscription's sink makes a new subscription, so an order never changes its sink.
    private mutating func order(
        of ticket: Ticket, sink: Handle<Sink>, subscription: Handle<SubscriptionQueue>
    ) -> Handle<Order> {
        let key = OrderKey(order: ticket.order, isLast: ticket.isLast)
        if let known = orderIndex[key] { return known }
        let order = orders.insert(
            Order(
                key: ticket.order, isLast: ticket.isLast, sink: sink, subscription: subscription,
                state: ticket.isLast ? .held : .ready, bound: ticket.bound))
        orderIndex[key] = order
        subscriptions[subscription]?.orders.insert(order)
        if ticket.isLast {
            subscriptions[subscription]?.last = order
        } else {
            sinks[sink]?.ready.append(order)
            enqueue(sink)
        }
        return order
    }

    /// Lines whose entries may have been settled elsewhere are kept from growing.
    private mutating func compact(_ handle: Handle<Sink>) {
        guard let pending = sinks[handle]?.pending else { return }
        let (items, orders) = (items, orders)
        sinks[handle]?.arrivals.compact(live: pending) { items[$0] != nil }
        sinks[handle]?.ready.compact(live: pending) { orders[$0]?.state == .ready }
        let live = orders.count + sinks.count
        let sinks = sinks
        timers.compact(live: live) { timer, time in
            switch timer {
            case .order(let order): orders[order]?.state == .backoff(until: time)
            case .sink(let sink): sinks[sink]?.health.state == .open(until: time)
            }
        }
    }

    // MARK: - Making room

    /// Events of the sink that may be given up have come, or gone.
    mutating func rank(_ sink: Handle<Sink>, count: Int, bytes: Int) {
        guard let host = sinks[sink]?.host, let place = sinks[sink]?.place?.place else { return }
        byCount.add(count, to: host.place)
        byBytes.add(bytes, to: host.place)
        hosts[host]?.byCount.add(count, to: place)
        hosts[host]?.byBytes.add(bytes, to: place)
    }

    /// The sink that has the most of what the host has that has the most: who makes a sink for each event is not better off
    /// than who has one for all.
    private func worstSink(_ ranking: Ranking, _ ofHost: KeyPath<Host, Ranking>) -> Handle<Sink>? {
        guard let place = ranking.first, let handle = hosts.handle(at: place), let host = hosts[handle],
            let worst = host[keyPath: ofHost].first.flatMap({ host.sinks.handle(at: $0) })
        else { return nil }
        return host.sinks[worst]
    }

    /// Drops the oldest event of the sink. False if all its events are under way, or there is no sink.
    private mutating func giveUpOldest(of worst: Handle<Sink>?, now: UInt64) -> Bool {
        guard let worst else { return false }
        let (items, orders) = (items, orders)
        let oldest = sinks[worst]?.arrivals.take { id in
            guard let order = items[id].flatMap({ orders[$0.order] }) else { return false }
            return order.state != .inFlight || order.queue.first != id
        } dropping: {
            items[$0] == nil
        }
        guard let oldest else { return false }
        remove(oldest, .dropped(.overflow), now: now)
        return true
    }

    /// Drops the oldest event of the subscription. False if all its events are under way.
    private mutating func giveUpOldest(of subscription: SubscriptionQueue, now: UInt64) -> Bool {
        // Ids are given in the order of arrival.
        let oldest = subscription.orders.compactMap { handle -> UInt64? in
            guard let order = orders[handle] else { return nil }
            let offset = order.state == .inFlight ? 1 : 0
            return offset < order.queue.count ? order.queue[offset] : nil
        }.min()
        guard let oldest else { return false }
        remove(oldest, .dropped(.subscriptionOverflow), now: now)
        return true
    }
}
