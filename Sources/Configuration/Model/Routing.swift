extension Configuration {
    /// Which trunks a dialled number goes to. The longest prefix wins.
    public struct Route: Equatable, Sendable {
        /// Empty (every number), `+`, or `+` and up to 15 digits.
        public var prefix: String
        /// Names of trunks, each tried if the one before fails; at least one, distinct.
        public var trunks: [String]
    }

    /// What counts as an emergency call. No trunk takes one yet, so each is answered 501.
    public struct Emergency: Equatable, Sendable {
        /// Dialled digits, and what follows `urn:service:` for them: `["112": "sos"]` (RFC 5031).
        public var numbers: [String: String]
    }
}
