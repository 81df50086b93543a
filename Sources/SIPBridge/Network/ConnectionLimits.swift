import CSofiaSIP

/// How many connections over TCP and TLS may be open to us at once. One more is closed at once, so that nobody takes the
/// descriptors that calls, applications and the other trunks need.
public struct ConnectionLimits: Sendable, Equatable {
    /// Of everybody.
    public var all: Int
    /// Of those who are in no trunk's networks; the rest is the trunks'.
    public var strangers: Int
    /// From one IPv4 address, or one /64 of IPv6.
    public var ofOneSource: Int

    /// Takes every value as given.
    public init(all: Int, strangers: Int, ofOneSource: Int) {
        self.all = all
        self.strangers = strangers
        self.ofOneSource = ofOneSource
    }

    /// A quarter of what the process may open, at most 4,096: half of them strangers', and 256 or a quarter one source's.
    public init(descriptors: Int) {
        let all = max(4, min(4_096, descriptors / 4))
        self.init(all: all, strangers: all / 2, ofOneSource: min(256, all / 4))
    }

    var raw: csip_connection_limits {
        csip_connection_limits(all: all, strangers: strangers, of_one_source: ofOneSource)
    }
}
