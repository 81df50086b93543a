/// Writes metrics in Prometheus's text format, version 0.0.4. Families come whole, one after the other.
public struct Exposition: Sendable {
    /// `Content-Type` of the text.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What has been written so far.
    public private(set) var text = ""

    /// Nothing yet.
    public init() {}

    /// A counter or gauge without labels.
    public mutating func add(_ family: MetricFamily, _ value: some BinaryInteger) {
        begin(family)
        sample(family.name, [], [], String(value))
    }

    /// The same with a fraction, such as seconds.
    public mutating func add(_ family: MetricFamily, _ value: Double) {
        begin(family)
        sample(family.name, [], [], Exposition.number(value))
    }

    /// A counter or gauge: one sample for each set of label values, which are in the order of the family's labels.
    public mutating func add(_ family: MetricFamily, _ samples: [(labels: [String], value: Int)]) {
        begin(family)
        for (labels, value) in samples { sample(family.name, family.labels, labels, String(value)) }
    }

    /// A histogram: one for each set of label values.
    public mutating func add(_ family: MetricFamily, _ histograms: [(labels: [String], value: Histogram)]) {
        begin(family)
        for (labels, histogram) in histograms {
            var total = 0
            for (place, count) in histogram.counts.enumerated() {
                total += count
                let bound = place < histogram.bounds.count ? Exposition.seconds(histogram.bounds[place]) : "+Inf"
                sample("\(family.name)_bucket", family.labels + ["le"], labels + [bound], String(total))
            }
            sample("\(family.name)_sum", family.labels, labels, Exposition.seconds(histogram.sum))
            sample("\(family.name)_count", family.labels, labels, String(total))
        }
    }

    private mutating func begin(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(Exposition.escaped(family.help, quote: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    private mutating func sample(_ name: String, _ labels: [String], _ values: [String], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (place, (label, value)) in zip(labels, values).enumerated() {
                if place > 0 { text += "," }
                text += "\(label)=\"\(Exposition.escaped(value, quote: true))\""
            }
            text += "}"
        }
        text += " \(value)\n"
    }

    private static func seconds(_ nanoseconds: UInt64) -> String { number(Double(nanoseconds) / 1e9) }

    /// A whole number without its fraction.
    private static func number(_ value: Double) -> String {
        if let whole = Int(exactly: value) { String(whole) } else { String(value) }
    }

    /// The format's own escapes: backslash and newline, in a label's value the quote too.
    private static func escaped(_ text: String, quote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quote: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
