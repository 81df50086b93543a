import Metrics

/// What the log is told of a peer, once for each change.
public struct PeerReport: Sendable, Equatable {
    /// What has happened.
    public enum News: Sendable, Equatable {
        /// It answers OPTIONS.
        case up(roundTrip: Duration)
        /// It does not, or says 503.
        case down
        /// New calls leave it alone for a time, because it asked for that, was overloaded, unreachable or silent.
        case leftAlone(reason: String, time: Duration)
        /// Calls go there again as before.
        case back
        /// Its name leads to these addresses now.
        case resolved([String])
        /// Its name could not be looked up; addresses that were known are used on.
        case unresolved(reason: String, known: Int)
    }

    /// The trunk's name.
    public var trunk: String
    /// The address, `sip:192.0.2.7:5060;transport=udp`, or the peer as configured where the news is about its name.
    public var peer: String
    /// What has happened.
    public var news: News
}

/// What is known of a trunk and its peers at one moment.
public struct TrunkStatus: Sendable, Equatable {
    /// An address of a peer.
    public struct Peer: Sendable, Equatable {
        /// What is believed of it.
        public enum State: String, Sendable, CaseIterable {
            /// Not probed, or not yet: calls go there.
            case unknown
            /// It answers OPTIONS.
            case up
            /// It does not: no call goes there.
            case down
            /// Calls go elsewhere for a time.
            case leftAlone = "left-alone"
            /// Its name has not been looked up yet.
            case unresolved
        }

        /// As configured.
        public var uri: String
        /// Where requests go; nil as long as the name has not been looked up.
        public var address: String?
        /// Of the peer: the lowest is tried first.
        public var priority: Int
        /// Of the peer: its share among equals.
        public var weight: Int
        /// What is believed of it.
        public var state: State
        /// Why calls leave it alone: `asked`, `unavailable`, `unreachable` or `silent`.
        public var reason: String?
        /// How long they do yet.
        public var leftAloneFor: Duration?
        /// Of the last OPTIONS that it answered well.
        public var roundTrip: Duration?
    }

    /// As configured.
    public var name: String
    /// Whether a call could be sent by it, and it is registered if it is to be.
    public var isUsable: Bool
    /// Every address in use, in the order of the configuration.
    public var peers: [Peer]
    /// INVITEs that were sent elsewhere, because they failed at one of its peers.
    public var failovers: Int
    /// Of all good answers to OPTIONS.
    public var roundTrips: Histogram
}
