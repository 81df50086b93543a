extension Configuration {
    /// How events reach the sinks of subscriptions.
    public struct Events: Equatable, Sendable {
        /// Networks (`127.0.0.0/8`) and host names (lower case) that sinks may have though they are not public; at
        /// most 100, distinct.
        public var allowSinks: [String]
        /// The certificates that sinks are checked against; nil for the system's. It was readable, and held a
        /// certificate, when the configuration was checked.
        public var certificatesPath: String?
        /// Of one attempt, from connecting to the end of the answer, and of a look-up before it; 100 ms to 60 s.
        public var timeout: Duration
        /// Events accepted and not delivered, at most; 100 to 1,000,000.
        public var maxPending: Int
    }
}
