/// The head of a sink's response, line by line as it comes. Only what delivery needs is kept.
struct ResponseHead: Sendable, Equatable {
    /// All lines together.
    static let maximumBytes = 32 * 1024
    private static let maximumValueBytes = 64

    /// 0 before the first status line.
    private(set) var status = 0
    /// The final response's head has ended: its status stands, whatever becomes of the body.
    private(set) var isComplete = false
    /// The value of `Retry-After`.
    private(set) var retryAfter: [UInt8]?
    private var bytes = 0

    /// Takes one line with its end. False if the head is longer than it may be.
    mutating func receive(_ line: some Collection<UInt8>) -> Bool {
        bytes += line.count
        guard bytes <= ResponseHead.maximumBytes else { return false }
        // After the head only trailer fields come; they say nothing.
        if isComplete { return true }
        if line.starts(with: "HTTP/".utf8) {
            status = ResponseHead.status(in: line)
            retryAfter = nil
        } else if line.allSatisfy({ $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            // 1xx heads are followed by another (RFC 9110 §15.2).
            isComplete = status >= 200
        } else if ResponseHead.isRetryAfter(line) {
            let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
            let trimmed = value.filter { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
            if trimmed.count <= ResponseHead.maximumValueBytes { retryAfter = trimmed }
        }
        return true
    }

    /// The three digits after the version; 0 if there are none.
    private static func status(in line: some Collection<UInt8>) -> Int {
        let digits = line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix(3)
        return digits.reduce(0) { sum, byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? sum * 10 + Int(byte - UInt8(ascii: "0")) : 0
        }
    }

    private static func isRetryAfter(_ line: some Collection<UInt8>) -> Bool {
        var name = "retry-after:".utf8.makeIterator()
        for byte in line {
            guard let expected = name.next() else { return true }
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard lower == expected else { return false }
        }
        return name.next() == nil
    }
}
