extension Configuration {
    /// The SIP side.
    public struct SIP: Equatable, Sendable {
        /// Where SIP is received and from where it is sent; 1 to 16, distinct.
        public var listen: [SIPListener]
        /// The host in Via and Contact; nil: the bound address, which then is no wildcard.
        public var advertise: Host?
        /// The host of From: `domain`, else `advertise`, else the first bound address.
        public var domain: Host
        /// What TLS connections are made with; not nil where `listen` has TLS, nil elsewhere.
        public var tls: TLS?
        /// What a request from outside every trunk's networks gets (mapping §3).
        public var unknownSource: UnknownSource
        /// Transaction and ringing timers.
        public var timers: Timers
    }

    /// Certificates of SIP over TLS. The files have been read; they may change until they are used.
    public struct TLS: Equatable, Sendable {
        /// Path of our certificate, and what a peer needs besides to reach the root it trusts.
        public var certificate: String
        /// Path of its key.
        public var key: String
        /// Path of the authorities that peers' certificates must come from; nil: the system's.
        public var ca: String?
        /// Whether the certificates of peers we connect to are checked.
        public var verifiesPeers: Bool
        /// Whether who connects to us must have a certificate.
        public var requiresClientCertificate: Bool
    }

    /// What happens to a request from a source that belongs to no trunk.
    public enum UnknownSource: String, Equatable, Sendable, CaseIterable {
        /// Answered 403.
        case reject
        /// Not answered.
        case drop
    }

    /// RFC 3261 §17 and the time a phone may ring.
    public struct Timers: Equatable, Sendable {
        /// T1, the round-trip estimate; 10 ms to 5 s.
        public var t1: Duration
        /// T2, the longest retransmit interval; `t1` to 60 s.
        public var t2: Duration
        /// Timer B, the wait for any response to INVITE; 100 ms to 5 m, more than `t1`.
        public var timerB: Duration
        /// How long a call may ring before it is cancelled; 1 s to 15 m.
        public var ring: Duration
    }
}
