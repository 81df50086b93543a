extension Configuration {
    /// When a POST of a session answers (mapping §1).
    public struct SessionCreate: Equatable, Sendable {
        /// After a 100 Trying, how long a better response is waited for; 0 s to 60 s.
        public var waitForProgress: Duration
        /// How long any response is waited for before 504; 100 ms up to Timer B, which it is always below.
        public var timeout: Duration
        /// How long a session without an offer waits for one; 1 s to 10 m.
        public var offerTimeout: Duration
        /// How a callee's refusal is answered.
        public var calleeOutcome: CalleeOutcome
    }

    /// How a busy, absent or declining callee is told while the POST waits.
    public enum CalleeOutcome: String, Equatable, Sendable, CaseIterable {
        /// An HTTP error.
        case error
        /// 201 with a session in its terminal status.
        case resource
    }

    /// Limits on what is kept.
    public struct Sessions: Equatable, Sendable {
        /// How long an ended session can be read; 0 s to 24 h.
        public var keepEnded: Duration
        /// When a call is ended by the gateway; 1 s to 168 h.
        public var maxDuration: Duration
        /// Sessions that have not ended, at most; the next POST is refused. 1 to 1,000,000.
        public var maxLive: Int
        /// Ended sessions kept, at most; the oldest go first. 0 to 10,000,000.
        public var maxEnded: Int
        /// Bytes of ended sessions kept, at most; the oldest go first. 1 MiB to 64 GiB.
        public var maxEndedBytes: Int
    }

    /// How the gateway stops on SIGTERM.
    public struct Drain: Equatable, Sendable {
        /// How long calls may go on after no new one is taken; 0 s to 24 h.
        public var deadline: Duration
    }
}
