/// Which optional headers the messages to a peer carry, and what its own mean (configuration `trunks[].headers` and
/// `trunks[].earlyMedia`).
public struct TrunkHeaders: Sendable, Hashable {
    /// Headers of a redirection that the INVITE following it repeats.
    public struct Passed: OptionSet, Sendable, Hashable {
        /// One bit for each header.
        public let rawValue: UInt8

        /// Takes the bits as given.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// RFC 7044.
        public static let historyInfo = Passed(rawValue: 1)
        /// RFC 5806.
        public static let diversion = Passed(rawValue: 2)
    }

    /// `headers.pass`
    public var passed: Passed
    /// `headers.mmtel`: the peer is a CSCF, to which the service is named (TS 24.229 §5.1.3.1).
    public var namesService: Bool
    /// `headers.location`: regular calls carry a location; emergency calls always do.
    public var carriesLocation: Bool
    /// `earlyMedia`: whether a description in an 18x without P-Early-Media is to be played.
    public var playsEarlyMedia: Bool

    /// Takes every value as given.
    public init(
        passed: Passed = [], namesService: Bool = false, carriesLocation: Bool = false, playsEarlyMedia: Bool = true
    ) {
        self.passed = passed
        self.namesService = namesService
        self.carriesLocation = carriesLocation
        self.playsEarlyMedia = playsEarlyMedia
    }
}

/// Session timers with a peer (RFC 4028; configuration `trunks[].sessionTimer`).
public struct SessionTimerPolicy: Sendable, Hashable {
    /// The interval that is asked for, seconds; 0: none is.
    public var expires: UInt32
    /// The smallest one that is taken, seconds.
    public var minimum: UInt32

    /// Session-Expires and Min-SE of an INVITE, seconds, 0 for none; `least`: the Min-SE of the 422 that it follows
    /// (RFC 4028 §7.1, §7.3). The header that says the least of the standard is not needed, and one that says less is not allowed.
    func asking(atLeast least: UInt32?) -> (expires: UInt32, minimum: UInt32) {
        let minimum = max(least ?? 0, minimum > MidCallRequest.minimumInterval ? minimum : 0)
        guard let least else { return (expires, minimum) }
        return (max(expires, least), minimum)
    }

    /// No interval counts as shorter, seconds: the least of RFC 4028 §4, unless the configuration has less.
    var least: UInt8 { UInt8(min(minimum, MidCallRequest.minimumInterval)) }

    /// Takes every value as given.
    public init(expires: UInt32 = 0, minimum: UInt32 = 90) {
        self.expires = expires
        self.minimum = minimum
    }
}
