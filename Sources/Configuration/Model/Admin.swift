extension Configuration {
    /// What the operator's tools ask.
    public struct Admin: Equatable, Sendable {
        /// Where they are answered; nil: nowhere. Not an address of the API's.
        public var listen: HTTPListener?
    }

    /// One record for each call that has ended.
    public struct CallRecords: Equatable, Sendable {
        /// The file they are appended to; nil: they are lines of the log.
        public var path: String?
    }
}
