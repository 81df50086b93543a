/// Random identifiers as text, drawn from an injected generator so that tests can repeat them.
public enum RandomText {
    /// `digits` hexadecimal digits (1…64), 4 random bits each.
    public static func hex(
        digits: Int, uppercase: Bool = false, using generator: inout some RandomNumberGenerator
    ) -> String {
        let alphabet: StaticString = uppercase ? "0123456789ABCDEF" : lowercase
        return String(unsafeUninitializedCapacity: digits) { buffer in
            var bits: UInt64 = 0
            for index in 0..<digits {
                if index % 16 == 0 { bits = generator.next() }
                buffer[index] = alphabet.utf8Start[Int(bits & 0xF)]
                bits >>= 4
            }
            return digits
        }
    }

    /// A random UUID (RFC 9562 §5.4) in lower case.
    public static func uuid(using generator: inout some RandomNumberGenerator) -> String {
        // The version's digit is 4; the two upper bits of the variant's are 10.
        let high = generator.next() & ~0xF000 | 0x4000
        let low = generator.next() & ~(0b11 << 62) | 0b10 << 62
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var digit = 0
            for index in 0..<36 {
                switch index {
                case 8, 13, 18, 23: buffer[index] = UInt8(ascii: "-")
                default:
                    let bits = digit < 16 ? high >> (60 - 4 * digit) : low >> (124 - 4 * digit)
                    buffer[index] = lowercase.utf8Start[Int(bits & 0xF)]
                    digit += 1
                }
            }
            return 36
        }
    }

    private static let lowercase: StaticString = "0123456789abcdef"
}
