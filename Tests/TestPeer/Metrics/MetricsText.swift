/// Prometheus's text format, read strictly: whatever the format does not allow is an error, and so is what its
/// conventions advise against.
package struct MetricsText: Sendable {
    /// One family: its help, its type, its samples.
    package struct Family: Sendable {
        package let name: String
        package let help: String
        package let type: String
        package fileprivate(set) var samples: [Sample] = []
    }

    /// One line with a value.
    package struct Sample: Sendable, Hashable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    /// What is wrong, and on which line, from 1.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let line: Int
        package let problem: String

        package var description: String { "line \(line): \(problem)" }
    }

    /// In the order of the text.
    package private(set) var families: [Family] = []

    /// - Throws: ``Malformed``.
    package init(_ text: String) throws(Malformed) {
        guard text.hasSuffix("\n") else { throw Malformed(line: 0, problem: "the last line has no newline") }
        var seen: Set<Sample.Key> = []
        var pendingHelp: (name: String, help: String)?
        for (index, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("#") {
                guard words.count == 4 else { throw Malformed(line: number, problem: "an incomplete comment") }
                switch words[1] {
                case "HELP":
                    guard pendingHelp == nil, !families.contains(where: { $0.name == words[2] }) else {
                        throw Malformed(line: number, problem: "HELP out of place")
                    }
                    pendingHelp = (words[2], words[3])
                case "TYPE":
                    guard let help = pendingHelp, help.name == words[2] else {
                        throw Malformed(line: number, problem: "TYPE does not follow its HELP")
                    }
                    pendingHelp = nil
                    if let problem = MetricsText.problem(ofName: words[2], type: words[3]) {
                        throw Malformed(line: number, problem: problem)
                    }
                    families.append(Family(name: words[2], help: help.help, type: words[3]))
                default: throw Malformed(line: number, problem: "neither HELP nor TYPE")
                }
                continue
            }
            guard let family = families.last, pendingHelp == nil else {
                throw Malformed(line: number, problem: "a sample outside a family")
            }
            let sample = try MetricsText.sample(line, number)
            guard MetricsText.belongs(sample.name, to: family) else {
                throw Malformed(line: number, problem: "\(sample.name) is not of \(family.name)")
            }
            guard seen.insert(sample.key).inserted else { throw Malformed(line: number, problem: "the sample twice") }
            if family.type != "gauge", !(sample.value >= 0) {
                throw Malformed(line: number, problem: "a negative count")
            }
            families[families.count - 1].samples.append(sample)
        }
        for family in families where family.type == "histogram" { try MetricsText.check(family) }
    }

    /// The value of the one sample with that name and these labels among its own; nil if there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.lazy.flatMap(\.samples).first { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }?.value
    }

    private static func problem(ofName name: String, type: String) -> String? {
        let isName =
            name.utf8.first.map(isLetter) == true && name.utf8.allSatisfy { isLetter($0) || isDigit($0) }
        if !isName { return "\(name) is no name" }
        switch type {
        case "counter": return name.hasSuffix("_total") ? nil : "a counter's name ends with _total"
        case "gauge": return name.hasSuffix("_total") ? "a gauge's name does not end with _total" : nil
        case "histogram": return name.hasSuffix("_seconds") ? nil : "a histogram of durations ends with _seconds"
        default: return "type \(type)"
        }
    }

    private static func belongs(_ name: String, to family: Family) -> Bool {
        guard family.type == "histogram" else { return name == family.name }
        return ["_bucket", "_sum", "_count"].contains { family.name + $0 == name }
    }

    /// `name{label="value",…} number`
    private static func sample(_ line: Substring, _ number: Int) throws(Malformed) -> Sample {
        var rest = Substring(line)
        let name = rest.prefix { $0 != "{" && $0 != " " }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\""), label.utf8.allSatisfy(isLetter) else {
                    throw Malformed(line: number, problem: "a label without a value")
                }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    case "n": value.append("\n")
                    default: throw Malformed(line: number, problem: "an unknown escape")
                    }
                }
                guard labels.updateValue(value, forKey: String(label)) == nil else {
                    throw Malformed(line: number, problem: "the label \(label) twice")
                }
                if rest.first == "," { rest = rest.dropFirst() }
                guard !rest.isEmpty else { throw Malformed(line: number, problem: "labels without an end") }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else {
            throw Malformed(line: number, problem: "no number")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// Buckets rise up to `+Inf`, which is the count.
    private static func check(_ family: Family) throws(Malformed) {
        let groups = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for (labels, samples) in groups {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.map { $0.labels["le"].flatMap { Double($0 == "+Inf" ? "inf" : $0) } ?? .nan }
            let isRising = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
            let isCumulative = zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }
            let count = samples.first { $0.name.hasSuffix("_count") }?.value
            guard isRising, isCumulative, bounds.last == .infinity, count == buckets.last?.value,
                samples.contains(where: { $0.name.hasSuffix("_sum") })
            else { throw Malformed(line: 0, problem: "\(family.name) \(labels): no sound histogram") }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension MetricsText.Sample {
    fileprivate struct Key: Hashable {
        let name: String
        let labels: [String: String]
    }

    fileprivate var key: Key { Key(name: name, labels: labels) }
}
