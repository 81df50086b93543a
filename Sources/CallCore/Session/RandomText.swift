/// Random identifiers as text, drawn from an injected generator so that tests can repeat them.
public enum RandomText {
    /// `digits` hexadecimal digits (1…64), 4 random bits each.
    public static func hex(
        digits: Int, uppercase: Bool = false, using generator: inout some RandomNumberGenerator
    ) -> String {
        let alphabet: StaticString = uppercase ? "0123456789ABCDEF" : "0123456789abcdef"
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
        var digits = Array(hex(digits: 32, using: &generator).utf8)
        digits[12] = UInt8(ascii: "4")
        let variant: [UInt8] = [UInt8(ascii: "8"), UInt8(ascii: "9"), UInt8(ascii: "a"), UInt8(ascii: "b")]
        digits[16] = variant[Int(digits[16] & 0x3)]
        let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}
