/// A global telephone number (E.164): `+` and 5 to 15 digits, the bounds of CAMARA's address pattern.
/// Equal numbers are equal whatever form (tel or sip) they came in.
public struct PhoneNumber: Hashable, Sendable {
    /// `+` and the digits.
    public let text: String

    /// Takes `+` and 5…15 digits; visual separators of RFC 3966 (`-`, `.`, `(`, `)`) are removed. Anything else is nil.
    public init?(_ text: some StringProtocol) {
        var digits: [UInt8] = []
        digits.reserveCapacity(16)
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "+") where index == 0: digits.append(byte)
            case _ where index > 0 && byte.isASCIIDigit: digits.append(byte)
            case _ where index > 0 && byte.isVisualSeparator: break
            default: return nil
            }
            guard digits.count <= 16 else { return nil }
        }
        guard digits.count >= 6 else { return nil }
        self.text = String(decoding: digits, as: UTF8.self)
    }

    /// The number with all but its last two digits hidden, for logs and error messages.
    public var masked: String {
        String(repeating: "*", count: text.utf8.count - 2) + text.suffix(2)
    }
}
