import CallCore
import EventSinks
import Foundation
import Store
import Synchronization

/// Tells sessions and registrations to the sinks that have subscribed to them, and ends subscriptions when their time has
/// come (camara-rules, "Events"; docs/event-delivery.md).
///
/// ``WatchList`` decides; this class holds the lock that puts everything in one order, and carries out. Nothing under the
/// lock waits: the store answers from memory, delivery has a queue. So a change takes its caller, the SIP thread above all,
/// a few microseconds.
///
/// The locks of the store, of the sessions and of the delivery's inbox are taken under this one, never the other way round.
public final class Notifier: Sendable {
    enum Life: Sendable { case made, running, stopped }

    struct State: Sendable {
        var life = Life.made
        var watches: WatchList
        var engine: (any DeliveryEngine)?
        /// The session as the API shows it.
        var session: @Sendable (SessionID) -> Session? = { _ in nil }
        var random = SystemRandom()
        var statistics = Statistics()
    }

    let options: Options
    let store: any Store
    let state: Mutex<State>
    /// Waits for the next expiry.
    let timekeeper: Timekeeper

    /// Tells nothing before ``start(delivering:session:)``.
    public init(_ options: Options, store: any Store) {
        self.options = options
        self.store = store
        timekeeper = Timekeeper(name: "notifier", clock: options.clock)
        state = Mutex(State(watches: WatchList(limits: options.limits)))
    }

    /// As of now. Any thread.
    public var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.subscriptions = state.watches.count
            statistics.liveSessions = state.watches.live.count
            statistics.crowded = state.watches.crowded
            return statistics
        }
    }

    /// Carries out what has been decided, under the lock in which it was.
    func perform(_ actions: [WatchList.Action], _ state: inout State, now: Date) {
        for action in actions {
            switch action {
            case .tell(let telling): tell(telling, &state, now: now)
            // The list keeps the same count; this is the one that outlives the process.
            case .count(let id): _ = store.countEvent(of: id)
            case .cancel(let id): state.engine?.cancel(id)
            case .remove(let id): store.removeSubscription(id)
            }
        }
    }

    private func tell(_ telling: Telling, _ state: inout State, now: Date) {
        guard let engine = state.engine else { return }
        let subscription = telling.subscription
        let id: String
        if case .subscriptionEnded(let data) = telling.body {
            // A subscription ends once. After a crash its end may be told again: the same id lets the sink see that.
            id = "\(subscription.id.rawValue)-ended"
            state.statistics.ended[data.terminationReason, default: 0] += 1
        } else {
            id = RandomText.uuid(using: &state.random)
        }
        state.statistics.eventsTold += 1
        // A call of the network came without a correlator: its session's id ties its events together, over a restart too.
        let correlator = telling.correlator ?? telling.session?.rawValue ?? RandomText.uuid(using: &state.random)
        let delivery = Delivery(
            subscription: subscription.id, session: telling.session, sink: subscription.sink,
            credential: subscription.credential,
            event: CloudEvent(
                id: id, source: options.source, namespace: telling.namespace, time: now, body: telling.body),
            correlator: correlator, bound: telling.bound)
        // Its subscription's end, or count, is stored at once: a crash must not leave that without the event.
        if telling.isStoredAtOnce { store.save(delivery) }
        engine.deliver(delivery)
    }
}
