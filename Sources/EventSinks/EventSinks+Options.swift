import CallCore
import Curl
import Foundation

extension EventSinks {
    /// How events are delivered. The defaults are those of the configuration's `events`.
    public struct Options: Sendable {
        /// `events.allowSinks`: what may be connected to besides the public Internet.
        public var allowList = SinkAllowList.publicOnly
        /// `events.caFile`: the certificates that sinks are checked against, in place of the system's.
        public var certificates: String?
        /// `events.timeout`: of one attempt, from connecting to the end of the answer. A look-up before it has as long.
        public var timeout: Duration = .seconds(5)
        /// `events.maxPending`: events accepted and not delivered; one more costs the sink with the most its oldest.
        public var maximumPending = 10_000
        /// Memory for them; more costs the sink whose events take most of it its oldest.
        public var maximumPendingBytes = 64 << 20
        /// Of one subscription.
        public var maximumPendingPerSubscription = 1_000
        /// Attempts, and with them connections in use, at once.
        public var maximumInFlight = 512
        /// To one host and port, whatever the path; less while others are served, who always find some room.
        public var maximumInFlightPerHost = 192
        /// To one URL, once it has shown that it keeps up.
        public var maximumInFlightPerSink = 128
        /// Between an event's attempts, and between probes of a sink that is down.
        public var backoff = Backoff()
        /// Failures in a row after which a sink counts as down and gets one probe at a time.
        public var failuresUntilDown = 5
        /// Name servers as `address:port`, separated by commas, in place of the system's.
        package var nameServers: String?
        /// The User-Agent header.
        public var userAgent = "webrtc-gateway"
        /// Told once for each event, when nothing more will happen to it. On the delivery thread: must return soon.
        public var onOutcome: @Sendable (DeliveryOutcome) -> Void = { _ in }
        /// Told when a sink at this host and port goes down and when it is back. On the delivery thread: must return soon.
        public var onSinkChange: @Sendable (_ host: String, _ isDown: Bool) -> Void = { _, _ in }
        /// Where time comes from.
        public var clock = DeliveryClock.system

        /// The defaults.
        public init() {}
    }
}

extension EventSinks.Options {
    var limits: QueueLimits {
        var limits = QueueLimits()
        limits.pending = maximumPending
        limits.pendingBytes = maximumPendingBytes
        limits.pendingPerSubscription = maximumPendingPerSubscription
        limits.inFlight = max(1, maximumInFlight)
        limits.inFlightPerHost = max(1, maximumInFlightPerHost)
        limits.probes = max(1, maximumInFlight / 8)
        let window = max(1, maximumInFlightPerSink)
        limits.health = SinkHealth.Limits(
            initialWindow: min(8, window), maximumWindow: window, threshold: max(1, failuresUntilDown),
            backoff: backoff)
        limits.backoff = backoff
        return limits
    }

    var transport: TransportSettings {
        TransportSettings(
            allowList: allowList, certificates: certificates ?? CurlEasy.systemCertificates, timeout: timeout,
            userAgent: userAgent, connections: max(1, maximumInFlight), maximumHosts: max(1, maximumPending),
            nameServers: nameServers)
    }
}

/// Where the delivery engine's time comes from.
public struct DeliveryClock: Sendable {
    /// Nanoseconds that never go back: for waiting.
    public var monotonic: @Sendable () -> UInt64
    /// The date: for expiries, bounds and `Retry-After`.
    public var wall: @Sendable () -> Date

    /// Both may be called on any thread.
    public init(monotonic: @escaping @Sendable () -> UInt64, wall: @escaping @Sendable () -> Date) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// The machine's clocks.
    public static let system = DeliveryClock(
        monotonic: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }, wall: { Date() })
}
