import CallCore

/// Which event goes to which sink, and when: the whole policy of delivery, without a socket, a clock or a thread.
///
/// Methods take the time (nanoseconds of a clock that never goes back) and append to ``actions`` what is to be done:
/// whoever owns the queue carries it out and reports each attempt's end with ``finish(_:_:now:)``, or, where the address of
/// its host has to be found first, gives its place back with ``park(_:until:now:)``.
///
/// - An *order* is a ``CallCore/Delivery/Order``: one attempt under way at most, the next event only when the one before
///   is settled.
/// - A *sink* is a URL. It has the window and the breaker of ``SinkHealth``. Sinks take turns, one event each.
/// - A *host* is host and port of sinks. However many paths it has, it gets no more than half of the room that is free
///   (and has a bound): a few slow hosts share most of the room equally, and the next one finds some.
///
/// When there is no room, the host with the most events waiting, or with the most bytes where those are short, makes some,
/// however many sinks they are for: of those the one with the most gives up its oldest that is not under way. Each event
/// of a session holds the whole session as it then was, so the oldest says least and the newest, such as the
/// end of the call, is kept. Numbers are never given again: the client sees the gap in `sequenceNumber` and may
/// read the session.
struct DeliveryQueue<Random: RandomNumberGenerator & Sendable>: Sendable {
    /// What the queue knows of an event: nothing of its content.
    struct Ticket: Sendable, Equatable {
        /// Given by the owner, never twice.
        var id: UInt64
        var order: Delivery.Order
        /// The sink's URL.
        var sink: String
        /// The sink's host and port.
        var host: String
        /// Bytes it occupies.
        var size: Int
        /// When retrying ends.
        var bound: UInt64
        /// It waits for all others of its subscription, and none follows it.
        var isLast = false
    }

    enum Action: Sendable, Equatable {
        /// Send it now.
        case start(UInt64)
        /// It is over; nothing more is said of it.
        case settle(UInt64, Settlement)
        /// The breaker of the sink at this host has opened or closed.
        case sinkChanged(host: String, isDown: Bool)
    }

    enum Settlement: Sendable, Equatable {
        case delivered
        case dropped(DropCause)
        /// The sink answered 410; the rest of the subscription is dropped with it.
        case subscriptionGone
        /// 401 to an expired credential; the rest of the subscription is dropped with it.
        case credentialExpired
    }

    typealias Handle<Element: Sendable> = Slab<Element>.Handle

    struct Item: Sendable {
        let order: Handle<Order>
        let size: Int
    }

    struct Order: Sendable {
        enum State: Sendable, Equatable {
            /// Waits for its turn at the sink.
            case ready
            case inFlight
            /// The first event failed, or cannot begin yet, and waits.
            case backoff(until: UInt64)
            /// The last event of a subscription, behind all others.
            case held
        }

        let key: Delivery.Order
        let isLast: Bool
        let sink: Handle<Sink>
        let subscription: Handle<SubscriptionQueue>
        var queue = Fifo<UInt64>()
        var state: State
        var bound: UInt64
        /// Of the first event, in a row.
        var failures = 0
        /// The subscription ended while an attempt was under way: it is not repeated.
        var isCancelled = false
    }

    struct SubscriptionQueue: Sendable {
        let id: SubscriptionID
        var pending = 0
        var orders: Set<Handle<Order>> = []
        /// The order of the last event; nothing is taken behind it.
        var last: Handle<Order>?
    }

    struct Sink: Sendable {
        /// Where it waits to be looked at; in one line at most.
        enum Line: Sendable { case none, runnable, host, probes }

        let url: String
        let host: Handle<Host>
        /// Its place among the sinks of its host.
        var place: Handle<Handle<Sink>>?
        var health: SinkHealth
        var ready = Fifo<Handle<Order>>()
        /// Events in the order they came, for giving up the oldest. Settled ones stay until the line is compacted.
        var arrivals = Fifo<UInt64>()
        var pending = 0
        var inFlight = 0
        var line = Line.none
        var idleSince: UInt64 = 0
    }

    struct Host: Sendable {
        let name: String
        var sinks = Slab<Handle<Sink>>()
        var inFlight = 0
        /// Its sinks, by their places here, by the events that wait, and by their bytes.
        var byCount = Ranking()
        var byBytes = Ranking()
        /// Sinks that could send if the host had room.
        var parked = Fifo<Handle<Sink>>()
        /// It is in the line of hosts that wait for room.
        var isWaiting = false
    }

    enum Timer: Sendable {
        case order(Handle<Order>)
        case sink(Handle<Sink>)
    }

    struct OrderKey: Hashable, Sendable {
        let order: Delivery.Order
        let isLast: Bool
    }

    let limits: QueueLimits
    var random: Random
    /// What is to be done, in this order; the owner takes it and empties it.
    var actions: [Action] = []

    var items: [UInt64: Item] = [:]
    var orders = Slab<Order>()
    var sinks = Slab<Sink>()
    var hosts = Slab<Host>()
    var subscriptions = Slab<SubscriptionQueue>()
    var orderIndex: [OrderKey: Handle<Order>] = [:]
    var sinkIndex: [String: Handle<Sink>] = [:]
    var hostIndex: [String: Handle<Host>] = [:]
    var subscriptionIndex: [SubscriptionID: Handle<SubscriptionQueue>] = [:]

    /// Hosts by the events that wait, and by their bytes: those under way cannot be given up.
    var byCount = Ranking()
    var byBytes = Ranking()
    /// Sinks whose turn it is, in turn.
    var runnable = Fifo<Handle<Sink>>()
    var waitingProbes = Fifo<Handle<Sink>>()
    /// Hosts with sinks that could send if there were more room, in turn.
    var waitingHosts = Fifo<Handle<Host>>()
    var timers = TimerQueue<Timer>()
    var nextSweep: UInt64?
    var pendingBytes = 0
    var inFlight = 0
    var probes = 0

    init(limits: QueueLimits, random: Random) {
        self.limits = limits
        self.random = random
    }

    /// Events accepted and not settled.
    var pending: Int { items.count }

    /// When ``advance(to:)`` is due; nil for never.
    var nextDeadline: UInt64? {
        guard let timer = timers.first else { return nextSweep }
        return min(timer, nextSweep ?? .max)
    }
}
