/// The limits and rules a call is carried out by, from the configuration.
public struct CallPolicy: Sendable, Hashable {
    /// `sessionCreate.waitForProgress`: after a 100 Trying, how long the POST waits for more (mapping §1.3).
    public var waitForProgress: Duration
    /// `sessionCreate.timeout`: without any response, how long the POST waits (mapping §1.4).
    public var timeout: Duration
    /// `sessionCreate.offerTimeout`: how long a session without an offer waits for one.
    public var offerTimeout: Duration
    /// `sip.timers.ring`: from the first provisional response to our CANCEL (Timer C of RFC 3261 §16.8, as a UAC).
    public var ring: Duration
    /// `sessions.maxDuration`: from the answer to our BYE.
    public var maxDuration: Duration
    /// How long a change in mid-call may take, and so a PUT of Hold or Resume wait.
    public var exchange: Duration
    /// `sessionCreate.calleeOutcome`.
    public var calleeOutcome: CalleeOutcome

    /// What a POST answers for the rows of mapping §2 that the callee decides.
    public enum CalleeOutcome: String, Sendable, Equatable {
        case error
        case resource
    }

    /// Takes every value as given.
    public init(
        waitForProgress: Duration = .milliseconds(250), timeout: Duration = .seconds(4),
        offerTimeout: Duration = .seconds(30), ring: Duration = .seconds(180), maxDuration: Duration = .seconds(14_400),
        calleeOutcome: CalleeOutcome = .error, exchange: Duration = .seconds(10)
    ) {
        self.waitForProgress = waitForProgress
        self.timeout = timeout
        self.offerTimeout = offerTimeout
        self.ring = ring
        self.maxDuration = maxDuration
        self.calleeOutcome = calleeOutcome
        self.exchange = exchange
    }
}
