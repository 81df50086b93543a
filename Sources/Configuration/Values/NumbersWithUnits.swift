/// Durations as the file writes them: a whole number and one of `ms`, `s`, `m`, `h`.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// `250ms`, `4s`, `5m`, `2h`; nil for anything else.
    static func duration(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }),
            let number = DecimalText.number(text.utf8.dropLast(unit.name.utf8.count))
        else { return nil }
        return .milliseconds(number * unit.milliseconds)
    }

    /// The longest unit that fits; what is finer than a millisecond is cut off.
    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = Int(parts.seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000)
        guard milliseconds != 0 else { return "0s" }
        let largest = units.filter { milliseconds.isMultiple(of: $0.milliseconds) }.max {
            $0.milliseconds < $1.milliseconds
        }
        guard let largest else { return "\(milliseconds)ms" }
        return "\(milliseconds / largest.milliseconds)\(largest.name)"
    }
}

/// Sizes as the file writes them: a whole number and one of `KiB`, `MiB`, `GiB`.
enum ByteSize {
    private static let units: [(name: String, bytes: Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    /// `64KiB`, `1MiB`; nil for anything else.
    static func bytes(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }),
            let number = DecimalText.number(text.utf8.dropLast(unit.name.utf8.count))
        else { return nil }
        return number * unit.bytes
    }

    /// The shortest exact form in a unit of the file; bytes if there is none.
    static func text(_ bytes: Int) -> String {
        guard let unit = units.last(where: { bytes.isMultiple(of: $0.bytes) && bytes > 0 }) else { return "\(bytes)B" }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

/// Digits alone: no sign, no separator, at most nine, so that no unit can overflow.
enum DecimalText {
    static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard (1...9).contains(digits.count) else { return nil }
        guard isDigits(digits) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    static func isDigits(_ text: some Collection<UInt8>) -> Bool {
        text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A port, 0 to 65535.
    static func port(_ digits: some Collection<UInt8>) -> UInt16? {
        guard digits.count <= 5 else { return nil }
        return number(digits).flatMap { UInt16(exactly: $0) }
    }
}
