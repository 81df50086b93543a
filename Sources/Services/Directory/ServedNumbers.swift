import CallCore

/// The numbers that are ours: `servedNumbers`, prefixes of telephone numbers. None at all means every number.
///
/// A look-up takes one step for each digit of the number, however many prefixes there are.
public struct ServedNumbers: Sendable, Equatable {
    /// Prefixes as numbers: a 1 and the digits, so that those with leading zeros stay apart. 15 digits fit.
    private var prefixes: Set<UInt64> = []
    /// Bit n: some prefix has n digits.
    private var lengths: UInt16 = 0

    /// - Parameter prefixes: each empty, `+`, or `+` and 1 to 15 digits. Empty: every number is served.
    public init(_ prefixes: [String]) {
        for prefix in prefixes {
            let digits = prefix.utf8.dropFirst().prefix(15)
            self.prefixes.insert(digits.reduce(1, ServedNumbers.appending))
            lengths |= 1 << UInt16(digits.count)
        }
    }

    /// Whether calls to `number` are for this gateway.
    public func contains(_ number: PhoneNumber) -> Bool {
        if lengths & 1 == 1 || prefixes.isEmpty { return true }
        var value: UInt64 = 1
        var length: UInt16 = 0
        for digit in number.text.utf8.dropFirst() {
            value = ServedNumbers.appending(value, digit)
            length += 1
            if lengths >> length & 1 == 1, prefixes.contains(value) { return true }
        }
        return false
    }

    private static func appending(_ value: UInt64, _ digit: UInt8) -> UInt64 {
        value * 10 + UInt64(digit &- UInt8(ascii: "0"))
    }
}
