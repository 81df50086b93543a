/// Byte classes of the grammars that addresses are written in (RFC 3261 §25.1, RFC 3966 §3).
extension UInt8 {
    var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isASCIILetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }

    /// The value of a hexadecimal digit; nil for any other byte.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// RFC 3966 §3 `visual-separator`: for the eye, without meaning.
    var isVisualSeparator: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }
}

/// Percent-escapes (RFC 3986 §2.1).
enum PercentEscape {
    /// The bytes with every whole escape replaced by what it stands for; a broken escape is left as it is.
    static func decode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            index = bytes.index(after: index)
            if byte == UInt8(ascii: "%"), index != bytes.endIndex, let high = bytes[index].hexDigitValue {
                let next = bytes.index(after: index)
                if next != bytes.endIndex, let low = bytes[next].hexDigitValue {
                    decoded.append(high << 4 | low)
                    index = bytes.index(after: next)
                    continue
                }
            }
            decoded.append(byte)
        }
        return decoded
    }
}
