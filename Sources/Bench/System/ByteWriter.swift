import Glibc

/// Appends bytes to memory of fixed size without allocating. What does not fit is left out and remembered in
/// ``overflowed``: the callers' buffers are many times their messages.
struct ByteWriter {
    let start: UnsafeMutablePointer<UInt8>
    let capacity: Int
    private(set) var count = 0
    private(set) var overflowed = false

    init(_ start: UnsafeMutablePointer<UInt8>, capacity: Int) {
        self.start = start
        self.capacity = capacity
    }

    mutating func append(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
        guard length <= capacity - count else {
            overflowed = true
            return
        }
        memcpy(start + count, bytes, length)
        count += length
    }

    mutating func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        append(base.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    mutating func append(decimal value: Int) {
        var digits = 1
        var bound = 10
        while value >= bound {
            digits += 1
            bound *= 10
        }
        guard digits <= capacity - count else {
            overflowed = true
            return
        }
        Decimal.write(UInt64(value), digits: digits, to: start + count)
        count += digits
    }
}

/// Decimal numbers of fixed width, written and read in place.
enum Decimal {
    static func write(_ value: UInt64, digits: Int, to target: UnsafeMutablePointer<UInt8>) {
        var rest = value
        for position in stride(from: digits - 1, through: 0, by: -1) {
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// The digits at the start of `bytes`: their value and how many they are, 18 at most.
    static func read(_ bytes: UnsafePointer<UInt8>, limit: Int) -> (value: UInt64, digits: Int) {
        var value: UInt64 = 0
        var digits = 0
        while digits < min(limit, 18) {
            let digit = bytes[digits] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            value = value * 10 + UInt64(digit)
            digits += 1
        }
        return (value, digits)
    }
}
