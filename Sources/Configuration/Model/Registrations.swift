extension Configuration {
    /// How long registrations last, and how many a number may have.
    public struct Registrations: Equatable, Sendable {
        /// The shortest life; 1 s to 8,760 h.
        public var minimum: Duration
        /// The life of a registration whose client asks for none; `minimum` to `maximum`.
        public var standard: Duration
        /// The longest life; `minimum` to 8,760 h.
        public var maximum: Duration
        /// Live registrations of one number, at most; 1 to 1,000.
        public var perNumber: Int
        /// Clients whose tokens name no number, and the prefixes of the numbers they may register.
        public var clients: [String: [String]]
    }
}
