import CallCore
import Curl
import Foundation
import Synchronization
import Threads

/// Delivers CloudEvents to the sinks of subscriptions: HTTPS POSTs in structured mode, in order per subscription and
/// session, retried until they are taken or their bound comes (camara-rules, "Events").
///
/// One thread of its own does all of it. Callers never wait, a dead sink costs other sinks nothing, and everything has a
/// bound; what that drops is counted and told.
public final class EventSinks: Sendable {
    private enum Life { case made, running, stopped }

    private let options: Options
    private let undelivered: any UndeliveredEvents
    private let inbox: CommandInbox<DeliveryCommand>
    private let box = StatisticsBox()
    private let life = Mutex(Life.made)

    /// Nothing is sent before ``start()``; what is handed over until then waits.
    /// - Parameter undelivered: what keeps events over a restart.
    public init(_ options: Options, undelivered: any UndeliveredEvents = UndeliveredInMemory()) {
        self.options = options
        self.undelivered = undelivered
        inbox = CommandInbox(
            maximumWeighed: options.maximumPending, maximumBytes: options.maximumPendingBytes)
    }

    /// Starts the thread; what an earlier run left undelivered comes first. Once only; later calls do nothing.
    /// - Throws: ``CurlError``, or what the store of undelivered events throws.
    public func start() async throws {
        let all = try await undelivered.all()
        // The last event of a subscription may have been stored before those that it has to wait for.
        let left = all.filter { !$0.isLast } + all.filter { $0.isLast }
        let isFirst = life.withLock { life in
            defer { if life == .made { life = .running } }
            return life == .made
        }
        guard isFirst else { return }
        let transport: Transport
        do {
            transport = try Transport(options.transport)
        } catch {
            let isStopped = life.withLock { life in
                if life == .running { life = .made }
                return life == .stopped
            }
            if isStopped { _ = abandon() }
            throw error
        }
        // Not counted against the bounds: the store has its own.
        let now = options.clock.monotonic()
        inbox.putFirst(left.map { .deliver($0, at: now, isKept: true) })
        inbox.open(wake: transport.wakeUp)
        let (options, inbox, undelivered, box) = (options, inbox, undelivered, box)
        // The loop is made on the thread and never leaves it.
        Thread.start(name: "event-sinks", owning: transport) { transport in
            DeliveryLoop(
                options: options, inbox: inbox, undelivered: undelivered, statistics: box, transport: transport
            )
            .run()
        }
    }

    /// Hands an event over. Any thread; returns at once. What becomes of it is told by ``Options/onOutcome``: on the
    /// delivery thread, or, if that is too far behind or gone and the event is dropped at once, on this one.
    public func deliver(_ delivery: Delivery) {
        let command = DeliveryCommand.deliver(delivery, at: options.clock.monotonic(), isKept: false)
        // The last of a subscription is taken however much waits: there is one of each.
        guard let refusal = inbox.post(command, bytes: delivery.isLast ? nil : delivery.roughSize) else { return }
        // What is dropped must not come back after a restart; what comes too late must.
        if refusal == .full { undelivered.remove(delivery.id) }
        settleAtOnce(delivery, refusal == .full ? .overflow : .stopped)
    }

    private func settleAtOnce(_ delivery: Delivery, _ cause: DropCause) {
        let outcome = DeliveryOutcome(
            delivery: delivery, result: .dropped(cause), attempts: 0, latency: .zero, lastStatus: nil, lastFailure: nil)
        box.update {
            $0.accepted += 1
            $0.record(outcome)
        }
        options.onOutcome(outcome)
    }

    /// The subscription has a new credential: events that wait are sent with it. Any thread; returns at once.
    public func replaceCredential(_ credential: SinkCredential?, of subscription: SubscriptionID) {
        _ = inbox.post(.replaceCredential(credential, subscription))
    }

    /// The subscription has ended without a last event to follow, or with one that is handed over next: events that wait
    /// are dropped. Any thread; returns at once.
    public func cancel(_ subscription: SubscriptionID) {
        _ = inbox.post(.cancel(subscription))
    }

    /// Delivers what is pending, events still handed over included, for at most `deadline`, and ends the thread.
    /// - Returns: how many events were left; a store still has them.
    @discardableResult
    public func stop(within deadline: Duration) async -> Int {
        let wasMade = life.withLock { life in
            defer { life = .stopped }
            return life == .made
        }
        if wasMade { return abandon() }
        let until = instant(options.clock.monotonic(), after: deadline.nanoseconds)
        return await withCheckedContinuation { continuation in
            if inbox.post(.stop(deadline: until, continuation)) != nil { continuation.resume(returning: 0) }
        }
    }

    /// Settles what was handed over though there is no thread and will be none. Returns how many events those were.
    private func abandon() -> Int {
        let commands = inbox.close()
        let unsent = commands.compactMap { if case .deliver(let delivery, _, _) = $0 { delivery } else { nil } }
        for delivery in unsent {
            undelivered.save(delivery)
            settleAtOnce(delivery, .stopped)
        }
        for case .stop(_, let continuation) in commands { continuation.resume(returning: unsent.count) }
        return unsent.count
    }

    /// As of now. Any thread.
    public var statistics: DeliveryStatistics { box.current }
}
