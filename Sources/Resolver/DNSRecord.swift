/// What a name is asked for.
public enum RecordType: UInt16, Sendable, Hashable, CaseIterable {
    /// IPv4 addresses (RFC 1035 §3.4.1); the hosts file is asked first.
    case a = 1
    /// IPv6 addresses (RFC 3596); the hosts file is asked first.
    case aaaa = 28
    /// Servers of a service (RFC 2782).
    case srv = 33
    /// Rules for a service (RFC 3403 §4), such as a domain's SIP transports (RFC 3263 §4.1).
    case naptr = 35
}

/// One record of an answer.
public struct DNSRecord: Sendable, Hashable {
    /// What the record says.
    public enum Content: Sendable, Hashable {
        /// The four bytes of an IPv4 address, in network order.
        case a([UInt8])
        /// The sixteen bytes of an IPv6 address, in network order.
        case aaaa([UInt8])
        /// A server of a service.
        case srv(SRV)
        /// A rule for a service.
        case naptr(NAPTR)
    }

    /// RFC 2782.
    public struct SRV: Sendable, Hashable {
        /// The lowest is tried first.
        public var priority: UInt16
        /// The share of those with the same priority.
        public var weight: UInt16
        /// The server's port.
        public var port: UInt16
        /// The server's name without a final dot; empty where the service is decidedly not available.
        public var target: String
    }

    /// RFC 3403 §4.1.
    public struct NAPTR: Sendable, Hashable {
        /// The lowest is tried first.
        public var order: UInt16
        /// The lowest of one order is preferred.
        public var preference: UInt16
        /// `s`, `a`, `u` or `p`, or none.
        public var flags: String
        /// Such as `SIP+D2U`.
        public var service: String
        /// A substitution; empty where there is a replacement.
        public var expression: String
        /// The next name, without a final dot.
        public var replacement: String
    }

    /// What the record says.
    public var content: Content
    /// Seconds for which it may be kept.
    public var timeToLive: UInt32
}
