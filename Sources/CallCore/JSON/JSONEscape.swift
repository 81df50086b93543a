/// How JSON (RFC 8259 §7) writes what cannot stand in a string as it is.
enum JSONEscape {
    /// Bytes of the longest escape.
    static let longest = 6

    private static let backslash = UInt8(ascii: "\\")

    /// Writes the bytes of `range`, escaped where they must be.
    /// - Parameter room: takes ``longest`` times as many bytes as `range` has.
    /// - Returns: how many bytes that were.
    static func write(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into room: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var (index, written) = (range.lowerBound, 0)
        while true {
            let end = text.copyPlainRun(of: index..<range.upperBound, into: room + written)
            written += end - index
            guard end < range.upperBound else { return written }
            written += write(text[end], into: room + written)
            index = end + 1
        }
    }

    private static func write(_ byte: UInt8, into room: UnsafeMutablePointer<UInt8>) -> Int {
        room[0] = backslash
        switch byte {
        case UInt8(ascii: "\r"): room[1] = UInt8(ascii: "r")
        case UInt8(ascii: "\n"): room[1] = UInt8(ascii: "n")
        case UInt8(ascii: "\t"): room[1] = UInt8(ascii: "t")
        case UInt8(ascii: "\""), backslash: room[1] = byte
        default:
            room[1] = UInt8(ascii: "u")
            room[2] = UInt8(ascii: "0")
            room[3] = UInt8(ascii: "0")
            room[4] = digit(byte >> 4)
            room[5] = digit(byte & 15)
            return longest
        }
        return 2
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
