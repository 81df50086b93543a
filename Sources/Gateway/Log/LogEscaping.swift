/// Keeps a text from being anything but text in a log: no line break, no terminal sequence, no reversed reading order.
enum LogEscaping {
    /// `text` with controls, line and paragraph separators and bidirectional controls as `\n` or `\u{…}`.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isUnsafe(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Appends `text` as a JSON string (RFC 8259 §7), escaping also what JSON allows and a terminal would act on.
    static func appendJSON(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        let isWritten = text.withUTF8 { utf8 in
            guard isPlain(utf8) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if !isWritten { bytes += escapedJSON(text).utf8 }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Nearly every value: ASCII without a control, a quote or a backslash. All bytes are looked at, several at once.
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var others: UInt8 = 0
        for byte in text {
            let isOther = byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            others |= isOther ? 1 : 0
        }
        return others == 0
    }

    private static func escapedJSON(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isUnsafe(scalar):
                // All of them are below U+10000: four digits each.
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// C0, DEL, C1; U+2028 and U+2029; the bidirectional controls (UAX #9).
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069, 0x200e, 0x200f: true
        default: false
        }
    }
}
