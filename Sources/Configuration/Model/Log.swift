extension Configuration {
    /// What is logged, and how.
    public struct Log: Equatable, Sendable {
        /// The least severe level that is written.
        public var level: LogLevel
        /// How a line looks.
        public var format: LogFormat
        /// Whether phone numbers are hidden but for their last two digits.
        public var maskNumbers: Bool
    }

    /// From the most to the least talkative.
    public enum LogLevel: String, Comparable, Sendable, CaseIterable {
        /// For finding a fault.
        case debug
        /// Calls, starts and stops.
        case info
        /// Something an operator should look at.
        case warning
        /// Something that did not work.
        case error

        /// By severity.
        public static func < (left: LogLevel, right: LogLevel) -> Bool { left.severity < right.severity }

        /// 0 and up.
        public var severity: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    /// How a log line looks.
    public enum LogFormat: String, Equatable, Sendable, CaseIterable {
        /// One JSON object per line.
        case json
        /// `time level message key=value …`
        case text
    }
}
