extension Configuration {
    /// How a peer writes the numbers of one country or network, for the format `national`.
    public struct NationalNumbers: Equatable, Sendable {
        /// What numbers of the plan begin with, and what is taken off towards the peer: `+`, or `+` and up to 15 digits.
        public var stripPrefix: String
        /// What is put in its place: digits, or nothing.
        public var addPrefix: String
    }

    /// RFC 4028, what we ask for and what we take.
    public struct SessionTimer: Equatable, Sendable {
        /// The interval we ask for; zero: none is asked for, the peer's are answered.
        public var expires: Duration
        /// The smallest interval we take.
        public var minimum: Duration
    }

    /// Which optional headers a trunk's messages carry.
    public struct TrunkHeaders: Equatable, Sendable {
        /// Those of a followed redirection that the new INVITE repeats.
        public var passed: [PassedHeader]
        /// The peer is a CSCF: INVITEs name the service of multimedia telephony.
        public var mmtel: Bool
        /// Regular calls carry the location that the application gives.
        public var location: Bool
    }

    /// A header that tells where a call has been before.
    public enum PassedHeader: String, Equatable, Sendable, CaseIterable {
        /// RFC 7044
        case historyInfo = "History-Info"
        /// RFC 5806
        case diversion = "Diversion"
    }

    /// What a description in an 18x without P-Early-Media is for.
    public enum EarlyMedia: String, Equatable, Sendable, CaseIterable {
        /// The application plays what comes: the session shows the description as `answer`.
        case play
        /// The application makes its own ringback: the description is shown once the call is answered.
        case ringback
    }
}
