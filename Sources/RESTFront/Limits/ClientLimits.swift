/// What one client may do. Each value's key of the configuration file is in its comment.
public struct ClientLimits: Sendable, Equatable {
    /// `api.limits.requestsPerSecond`: in the long run; at least 1.
    public var requestsPerSecond: Int
    /// `api.limits.burst`: at once, by a client that has been quiet; at least 1.
    public var burst: Int
    /// `api.limits.sessions`: live at a time.
    public var sessions: Int

    /// Takes every value; the defaults are those of the configuration.
    public init(requestsPerSecond: Int = 50, burst: Int = 100, sessions: Int = 1_000) {
        self.requestsPerSecond = requestsPerSecond
        self.burst = burst
        self.sessions = sessions
    }
}
