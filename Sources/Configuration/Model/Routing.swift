extension Configuration {
    /// Which trunks a dialled number goes to. The longest prefix wins.
    public struct Route: Equatable, Sendable {
        /// Empty (every number), `+`, or `+` and up to 15 digits.
        public var prefix: String
        /// Names of trunks, each tried if the one before fails; at least one, distinct.
        public var trunks: [String]
    }

    /// What counts as an emergency call, and where it goes.
    public struct Emergency: Equatable, Sendable {
        /// Dialled digits, and what follows `urn:service:` for them: `["112": "sos"]` (RFC 5031).
        public var numbers: [String: String]
        /// Names of the trunks that take emergency calls, in the order to be tried; distinct. Empty: none does.
        public var trunks: [String] = []
    }
}
