/// One named fact of a log line. Names are literals, so nothing from outside can become one.
struct LogField: Sendable {
    let name: StaticString
    let value: Value

    enum Value: Sendable {
        /// Escaped, shortened, with phone numbers hidden if the configuration says so.
        case text(String)
        case integer(Int)
        case boolean(Bool)
        /// In milliseconds.
        case duration(Duration)
        /// A phone number in any form: every longer run of digits is hidden if the configuration says so.
        case phone(String)
    }

    init(_ name: StaticString, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// The request's `x-correlator`.
    static func correlator(_ value: String) -> LogField { LogField("correlator", .text(value)) }
    static func mediaSessionID(_ value: String) -> LogField { LogField("mediaSessionId", .text(value)) }
    /// The SIP Call-ID.
    static func callID(_ value: String) -> LogField { LogField("callId", .text(value)) }
    /// A trunk's name.
    static func trunk(_ value: String) -> LogField { LogField("trunk", .text(value)) }
    /// Why something happened or failed.
    static func reason(_ value: String) -> LogField { LogField("reason", .text(value)) }
}
