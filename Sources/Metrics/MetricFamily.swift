/// A metric's name, kind and meaning: what `# HELP` and `# TYPE` say of it.
public struct MetricFamily: Sendable, Hashable {
    /// How its values are to be read.
    public enum Kind: String, Sendable, CaseIterable {
        /// Only grows, from the start of the process on; its name ends with `_total`.
        case counter
        /// What is so now.
        case gauge
        /// Durations in buckets; its name ends with `_seconds`.
        case histogram
    }

    /// `gateway_calls_total`: letters, digits and `_`, with the unit at its end.
    public let name: String
    /// How its values are to be read.
    public let kind: Kind
    /// One line.
    public let help: String
    /// The names of the labels every sample has, in order.
    public let labels: [String]

    /// Takes every value as given.
    public init(_ name: String, _ kind: Kind, labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}
