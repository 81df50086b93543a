import CallCore
import Curl
import Foundation
import Synchronization

/// The delivery thread's work: commands in, attempts out, verdicts back. Everything here belongs to that thread; all
/// decisions are ``DeliveryQueue``'s.
final class DeliveryLoop {
    /// An event that is not settled. A class, for it is looked up at every step: a copy would count a dozen references.
    private final class Outgoing {
        var delivery: Delivery
        let content: Data
        let acceptedAt: UInt64
        var attempts = 0
        var lastStatus: Int?
        var lastFailure: TransportFailure?
        /// The credential was replaced while an attempt carried the old one.
        var credentialIsReplaced = false

        init(_ delivery: Delivery, content: Data, acceptedAt: UInt64) {
            self.delivery = delivery
            self.content = content
            self.acceptedAt = acceptedAt
        }
    }

    private struct Ending {
        var deadline: UInt64
        var waiting: [CheckedContinuation<Int, Never>]
    }

    private let options: EventSinks.Options
    private let inbox: CommandInbox<DeliveryCommand>
    private let undelivered: any UndeliveredEvents
    private let statistics: StatisticsBox
    private let transport: Transport
    private var queue: DeliveryQueue<SystemRandom>
    private var outgoing: [UInt64: Outgoing] = [:]
    private var keeping = Keeping()
    private var lastID: UInt64 = 0
    private var ending: Ending?

    init(
        options: EventSinks.Options, inbox: CommandInbox<DeliveryCommand>, undelivered: any UndeliveredEvents,
        statistics: StatisticsBox, transport: Transport
    ) {
        self.options = options
        self.inbox = inbox
        self.undelivered = undelivered
        self.statistics = statistics
        self.transport = transport
        queue = DeliveryQueue(limits: options.limits, random: SystemRandom())
    }

    /// Runs until it is told to stop.
    func run() {
        // OpenSSL writes to sockets that a sink may have closed.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        while true {
            for command in inbox.drain() { handle(command) }
            let now = options.clock.monotonic()
            keepTheOld(now: now)
            if let due = queue.nextDeadline, due <= now { queue.advance(to: now) }
            for id in transport.takeNamed(now: now) { queue.resume(id, now: now) }
            carryOut()
            if let ending, queue.pending == 0 || now >= ending.deadline { break }
            transport.perform { id, outcome in finish(id, outcome) }
            carryOut()
            publish()
            transport.wait(milliseconds: patience())
        }
        end()
    }

    // MARK: - Commands

    private func handle(_ command: DeliveryCommand) {
        switch command {
        case .deliver(let delivery, let time, let isKept): accept(delivery, at: time, isKept: isKept)
        case .replaceCredential(let credential, let subscription): replace(credential, of: subscription)
        case .cancel(let subscription): queue.cancel(subscription, now: options.clock.monotonic())
        case .stop(let deadline, let continuation):
            var waiting = ending?.waiting ?? []
            waiting.append(continuation)
            ending = Ending(deadline: min(deadline, ending?.deadline ?? .max), waiting: waiting)
        }
    }

    private func accept(_ delivery: Delivery, at time: UInt64, isKept: Bool) {
        statistics.update { $0.accepted += 1 }
        let content = Data(delivery.event.json)
        lastID += 1
        outgoing[lastID] = Outgoing(delivery, content: content, acceptedAt: time)
        if !isKept { keeping.accepted(lastID, at: time) }
        let now = options.clock.monotonic()
        let left = delivery.bound.timeIntervalSince(options.clock.wall())
        let ticket = DeliveryQueue<SystemRandom>.Ticket(
            id: lastID, order: delivery.order, sink: delivery.sink.text, host: delivery.sink.origin,
            size: content.count + 1_024, bound: instant(now, after: DeliveryLoop.nanoseconds(left)),
            isLast: delivery.isLast)
        queue.accept(ticket, now: now)
    }

    private static func nanoseconds(_ seconds: TimeInterval) -> UInt64 {
        // A century is for ever; NaN, from a bound that is no moment, is no time at all.
        seconds > 0 ? UInt64(min(seconds, 3_155_760_000) * 1_000_000_000) : 0
    }

    private func replace(_ credential: SinkCredential?, of subscription: SubscriptionID) {
        let ids = outgoing.compactMap { $1.delivery.subscription == subscription ? $0 : nil }
        for id in ids {
            outgoing[id]?.delivery.credential = credential
            outgoing[id]?.credentialIsReplaced = true
            if keeping.isKept(id) { keep(id) }
        }
    }

    // MARK: - Over a restart

    private func keep(_ id: UInt64) {
        if let delivery = outgoing[id]?.delivery { undelivered.save(delivery) }
    }

    private func keepTheOld(now: UInt64) {
        for id in keeping.takeOld(now: now) { keep(id) }
    }

    // MARK: - Attempts

    private func carryOut() {
        while !queue.actions.isEmpty {
            let actions = queue.actions
            queue.actions = []
            for action in actions {
                switch action {
                case .start(let id): start(id)
                case .settle(let id, let settlement): settle(id, settlement)
                case .sinkChanged(let host, let isDown): options.onSinkChange(host, isDown)
                }
            }
        }
    }

    private func start(_ id: UInt64) {
        guard let next = outgoing[id] else { return finish(id, .malformed) }
        let now = options.clock.monotonic()
        let beginning = transport.start(id, next.delivery, content: next.content, now: now)
        if case .waits(let until) = beginning { return queue.park(id, until: until, now: now) }
        next.attempts += 1
        next.credentialIsReplaced = false
        statistics.update { $0.attempts += 1 }
        if case .ended(let outcome) = beginning { finish(id, outcome) }
    }

    private func finish(_ id: UInt64, _ outcome: RawOutcome) {
        guard let current = outgoing[id] else { return }
        let result: AttemptResult
        switch outcome {
        case .answered(let status, let retryAfter):
            let wall = options.clock.wall()
            result = .answered(
                status: status, retryAfter: retryAfter.flatMap { RetryAfter.delay($0, now: wall) },
                credentialIsExpired: current.delivery.credential?.isExpired(at: wall) ?? false)
            current.lastStatus = status
            current.lastFailure = nil
        case .failed(let failure):
            result = .failed(failure)
            current.lastStatus = nil
            current.lastFailure = failure
        case .refusedAddress: result = .refusedAddress
        case .malformed: result = .malformed
        }
        var verdict = Verdict(result, isLast: current.delivery.isLast)
        // The token it was refused for is no longer the subscription's.
        if case .answered(401, _, _) = result, current.credentialIsReplaced { verdict = .retry(after: nil) }
        if case .retry = verdict {
            statistics.update { $0.failedAttempts += 1 }
            if keeping.failed(id) { keep(id) }
        }
        queue.finish(id, verdict, now: options.clock.monotonic())
    }

    private func settle(_ id: UInt64, _ settlement: DeliveryQueue<SystemRandom>.Settlement) {
        guard let settled = outgoing.removeValue(forKey: id) else { return }
        keeping.settled(id)
        // Also of what was not kept here: who handed it over may have stored it. That of an unknown one costs nothing.
        undelivered.remove(settled.delivery.id)
        switch settlement {
        case .delivered: tell(settled, .delivered)
        case .dropped(let cause): tell(settled, .dropped(cause))
        case .subscriptionGone: tell(settled, .subscriptionGone)
        case .credentialExpired: tell(settled, .credentialExpired)
        }
    }

    private func tell(_ settled: Outgoing, _ result: DeliveryOutcome.Result) {
        let now = options.clock.monotonic()
        let outcome = DeliveryOutcome(
            delivery: settled.delivery, result: result, attempts: settled.attempts,
            latency: .nanoseconds(Int64(clamping: now - min(now, settled.acceptedAt))), lastStatus: settled.lastStatus,
            lastFailure: settled.lastFailure)
        statistics.update { $0.record(outcome) }
        options.onOutcome(outcome)
    }

    // MARK: - Time

    private func patience() -> Int32 {
        let deadlines = [queue.nextDeadline, keeping.nextDeadline, ending?.deadline]
        guard let deadline = deadlines.compactMap({ $0 }).min() else { return 60_000 }
        let now = options.clock.monotonic()
        // Rounded up: too early would be once more for nothing.
        return deadline <= now ? 0 : Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
    }

    private func publish() {
        let (pending, bytes, inFlight, sinks) = (queue.pending, queue.pendingBytes, queue.inFlight, queue.sinks.count)
        statistics.update {
            $0.pending = pending
            $0.pendingBytes = bytes
            $0.inFlight = inFlight
            $0.sinks = sinks
        }
    }

    /// Tells what was left. A store keeps it.
    private func end() {
        for id in keeping.takeAll() { keep(id) }
        var continuations = ending?.waiting ?? []
        var left = outgoing.sorted { $0.key < $1.key }.map(\.value)
        outgoing = [:]
        for command in inbox.close() {
            switch command {
            case .deliver(let delivery, let time, let isKept):
                statistics.update { $0.accepted += 1 }
                if !isKept { undelivered.save(delivery) }
                left.append(Outgoing(delivery, content: Data(), acceptedAt: time))
            case .stop(_, let continuation): continuations.append(continuation)
            case .replaceCredential, .cancel: break
            }
        }
        for unsent in left { tell(unsent, .dropped(.stopped)) }
        statistics.update {
            $0.pending = 0
            $0.pendingBytes = 0
            $0.inFlight = 0
            $0.sinks = 0
        }
        for continuation in continuations { continuation.resume(returning: left.count) }
    }
}
