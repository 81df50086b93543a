import CallCore
import Foundation

extension Notifier {
    /// How events are told. The defaults are those of the configuration.
    public struct Options: Sendable {
        /// A URI reference that names the gateway: the `source` of its events (CloudEvents 1.0 §3.1.1).
        public var source: String
        /// `events.allowSinks`: where sinks may be besides the public Internet; the same as the delivery engine's.
        public var allowList = SinkAllowList.publicOnly
        /// `sessions.maxDuration`: until then, and 60 s longer, a live session's events are retried.
        public var sessionLife: Duration = .seconds(4 * 3_600)
        /// `sip.timers.ring`: the same for an invitation.
        public var invitationLife: Duration = .seconds(180)
        /// Subscriptions that are told of one change, the oldest first. All of it happens on the SIP thread.
        public var maximumFanOut = 100
        /// Sessions whose state a subscription with `initialEvent` begins with.
        public var maximumInitialSessions = 100
        /// How long before the end of an access token its subscription ends: time for an attempt that times out after 5 s,
        /// the pause after it, a second attempt, and clocks that differ by a few seconds.
        public var tokenMargin: Duration = .seconds(15)
        /// The date, by which subscriptions and tokens expire: the store's own.
        public var clock: @Sendable () -> Date = { Date() }

        /// The defaults.
        public init(source: String) { self.source = source }

        var limits: WatchList.Limits {
            var limits = WatchList.Limits()
            limits.fanOut = max(1, maximumFanOut)
            limits.initialSessions = max(0, maximumInitialSessions)
            limits.sessionLife = sessionLife.timeInterval
            limits.invitationLife = invitationLife.timeInterval
            return limits
        }
    }

    /// What the notifier holds and has done since it was made.
    public struct Statistics: Sendable, Equatable {
        /// Live subscriptions.
        public internal(set) var subscriptions = 0
        /// Sessions that have begun and not ended.
        public internal(set) var liveSessions = 0
        /// Events handed to delivery, the ends of subscriptions included.
        public internal(set) var eventsTold = 0
        /// Changes that concerned more subscriptions than are told, and subscriptions that would have begun with more
        /// sessions.
        public internal(set) var crowded = 0
        /// Subscriptions ended, by what their sinks were told.
        public internal(set) var ended: [SubscriptionEndedData.Reason: Int] = [:]
        /// Subscriptions ended by their sink with 410.
        public internal(set) var sinksGone = 0
    }
}
