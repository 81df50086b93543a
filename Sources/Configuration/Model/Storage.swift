extension Configuration {
    /// Where registrations, subscriptions and undelivered events are kept.
    public enum Storage: Equatable, Sendable {
        /// Nothing outlives the process.
        case memory
        /// An SQLite database at `path`, absolute or relative to the working folder.
        case sqlite(path: String)
    }

    /// This gateway among others.
    public struct GatewayNode: Equatable, Sendable {
        /// Letters, digits, `.`, `_`, `-`; at most 64. Part of every event's `source`.
        public var name: String
    }
}
