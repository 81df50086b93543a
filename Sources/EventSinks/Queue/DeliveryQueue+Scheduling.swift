extension DeliveryQueue {
    static var sweepInterval: UInt64 { 1_000_000_000 }

    /// Does what time asks for: retries and probes that are due, events past their bound, sinks not heard of for long.
    mutating func advance(to now: UInt64) {
        while let timer = timers.pop(until: now) {
            switch timer {
            case .order(let order):
                if case .backoff(let until)? = orders[order]?.state, until <= now { makeReady(order, now: now) }
            case .sink(let sink):
                if sinks[sink]?.health.isOpen == true { enqueue(sink) }
            }
        }
        if let due = nextSweep, due <= now { sweep(now: now) }
        pump(now: now)
    }

    /// Puts the order in its sink's line.
    mutating func makeReady(_ handle: Handle<Order>, now: UInt64) {
        guard let sink = orders[handle]?.sink else { return }
        orders[handle]?.state = .ready
        sinks[sink]?.ready.append(handle)
        enqueue(sink)
    }

    /// Gives the sink a turn. Whether it can use it is seen then.
    mutating func enqueue(_ sink: Handle<Sink>) {
        guard sinks[sink]?.line == Sink.Line.none else { return }
        sinks[sink]?.line = .runnable
        runnable.append(sink)
    }

    /// Starts what may be started: one event a sink and turn.
    mutating func pump(now: UInt64) {
        while inFlight < limits.inFlight, let sink = runnable.popFirst() {
            sinks[sink]?.line = .none
            takeTurn(sink, now: now)
        }
    }

    private mutating func takeTurn(_ handle: Handle<Sink>, now: UInt64) {
        guard let sink = sinks[handle] else { return }
        // Whoever waits for the room that this sink was woken for is woken by the turn, used or not.
        defer { wakeNext(at: sink.host) }
        guard sink.health.permits(inFlight: sink.inFlight, now: now), nextReady(handle) != nil else { return }
        if let host = hosts[sink.host], !hasRoom(host) {
            sinks[handle]?.line = .host
            hosts[sink.host]?.parked.append(handle)
            if !host.isWaiting {
                hosts[sink.host]?.isWaiting = true
                waitingHosts.append(sink.host)
            }
            return
        }
        if sink.health.isOpen {
            guard probes < limits.probes else {
                sinks[handle]?.line = .probes
                waitingProbes.append(handle)
                return
            }
            probes += 1
        }
        guard let order = nextReady(handle), let id = orders[order]?.queue.first, let item = items[id] else { return }
        sinks[handle]?.ready.popFirst()
        orders[order]?.state = .inFlight
        rank(handle, count: -1, bytes: -item.size)
        sinks[handle]?.health.started()
        sinks[handle]?.inFlight += 1
        hosts[sink.host]?.inFlight += 1
        inFlight += 1
        actions.append(.start(id))
        if sinks[handle]?.ready.isEmpty == false { enqueue(handle) }
    }

    /// Whether the host may get one more place: what it has must be less than half of what is free. So n hosts that want
    /// more than they get have C/(n+2) each and leave 2C/(n+2), and one that has nothing gets the last place. (A bound in
    /// proportion to free room, as in shared-memory switches: A. K. Choudhury and E. L. Hahne, "Dynamic queue length
    /// thresholds for shared-memory packet switches", 1998.)
    private func hasRoom(_ host: Host) -> Bool {
        host.inFlight < limits.inFlightPerHost && 2 * host.inFlight < limits.inFlight - inFlight
    }

    /// Offers room that another host has left to the next of those that wait and may have it.
    mutating func wakeNextHost() {
        for _ in 0..<waitingHosts.count {
            guard let next = waitingHosts.popFirst(), let host = hosts[next] else { continue }
            guard !host.parked.isEmpty else {
                hosts[next]?.isWaiting = false
                continue
            }
            waitingHosts.append(next)
            if hasRoom(host) { return wakeNext(at: next) }
        }
    }

    /// Gives a turn to one sink that waits for room at its host, and to one that waits to be probed, if there is room.
    mutating func wakeNext(at host: Handle<Host>) {
        if let found = hosts[host], hasRoom(found), let next = found.parked.first {
            hosts[host]?.parked.popFirst()
            sinks[next]?.line = .none
            enqueue(next)
        }
        if probes < limits.probes, let next = waitingProbes.popFirst() {
            sinks[next]?.line = .none
            enqueue(next)
        }
    }

    /// The first order of the sink's line that is still there and ready; others leave the line.
    private mutating func nextReady(_ sink: Handle<Sink>) -> Handle<Order>? {
        while let order = sinks[sink]?.ready.first {
            if orders[order]?.state == .ready { return order }
            sinks[sink]?.ready.popFirst()
        }
        return nil
    }

    // MARK: - Once a second

    private mutating func sweep(now: UInt64) {
        for handle in orders.handles {
            guard let order = orders[handle], order.bound <= now else { continue }
            let underWay = order.state == .inFlight ? 1 : 0
            let overdue = (underWay..<max(underWay, order.queue.count)).map { order.queue[$0] }
            for id in overdue { remove(id, .dropped(.expired), now: now) }
        }
        var idle = 0
        for handle in sinks.handles {
            guard let sink = sinks[handle], sink.pending == 0, sink.line == .none else { continue }
            idle += 1
            if idle > limits.idleSinks || now >= instant(sink.idleSince, after: limits.idleTime) { forget(handle) }
        }
        nextSweep = items.isEmpty && sinks.count == 0 ? nil : instant(now, after: Self.sweepInterval)
    }

    private mutating func forget(_ handle: Handle<Sink>) {
        guard let sink = sinks[handle] else { return }
        sinkIndex[sink.url] = nil
        sinks.remove(handle)
        if let place = sink.place { hosts[sink.host]?.sinks.remove(place) }
        if let host = hosts[sink.host], host.sinks.count == 0 {
            hostIndex[host.name] = nil
            hosts.remove(sink.host)
        }
    }
}
