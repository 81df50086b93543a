/// The UUID of one end of a communication session (RFC 7989 §4.1).
struct SessionUUID: Equatable {
    /// The most significant octets, which are written first.
    private let high: UInt64
    private let low: UInt64

    /// The nil one, for an end whose UUID is not known (RFC 7989 §5).
    static let none = SessionUUID(high: 0, low: 0)
    /// As it is written.
    static let digits = 32

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Of version 4, as RFC 7989 demands (RFC 9562 §5.4).
    static func random(using generator: inout some RandomNumberGenerator) -> SessionUUID {
        // The version's digit is 4; the two upper bits of the variant's are 10.
        SessionUUID(high: generator.next() & ~0xF000 | 0x4000, low: generator.next() & ~(0b11 << 62) | 0b10 << 62)
    }

    /// Takes 32 digits in lower case and nothing else (RFC 7989 §5).
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == SessionUUID.digits else { return nil }
        var bytes = text.utf8.makeIterator()
        self.init { _ in bytes.next() ?? 0 }
    }

    /// Takes what `digit` gives for the places from 0 to 31, in this order; nil, and no further place is asked for, where that
    /// is no hexadecimal digit in lower case.
    init?(_ digit: (_ place: Int) -> UInt8) {
        var (high, low) = (UInt64(0), UInt64(0))
        for place in 0..<SessionUUID.digits {
            let byte = digit(place)
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if place < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
        }
        self.init(high: high, low: low)
    }

    var text: String {
        String(unsafeUninitializedCapacity: SessionUUID.digits) { buffer in
            var end = 0
            write(into: buffer, at: &end)
            return end
        }
    }

    func write(into buffer: UnsafeMutableBufferPointer<UInt8>, at end: inout Int) {
        let alphabet: StaticString = "0123456789abcdef"
        for place in 0..<SessionUUID.digits {
            let word = place < 16 ? high : low
            buffer[end + place] = alphabet.utf8Start[Int(word >> UInt64(60 - 4 * (place & 15)) & 0xF)]
        }
        end += SessionUUID.digits
    }
}
