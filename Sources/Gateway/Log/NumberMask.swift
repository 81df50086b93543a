/// Hides phone numbers in text, all but their last two digits.
enum NumberMask {
    /// Shorter runs of digits are no numbers: statuses, ports, short codes.
    static let shortestNumber = 5

    /// Hides numbers that show themselves as such: after `+` (or `%2B`) with RFC 3966's separators, or after `tel:`,
    /// `sip:` or `sips:`.
    static func masked(_ text: String) -> String {
        // Nearly every text: nothing in it announces a number.
        guard announces(text) else { return text }
        var bytes = Array(text.utf8)
        var isChanged = false
        var index = 0
        while index < bytes.count {
            guard let start = numberStart(bytes, at: index) else {
                index += 1
                continue
            }
            index = hideRun(&bytes, from: start.index, separators: start.hasSeparators, &isChanged)
        }
        return isChanged ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// Hides every longer run of digits, for text known to be a number.
    static func maskedNumber(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var isChanged = false
        var index = 0
        while index < bytes.count {
            index = max(index + 1, hideRun(&bytes, from: index, separators: true, &isChanged))
        }
        return isChanged ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// All bytes are looked at, several at once.
    private static func announces(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            var announcements: UInt8 = 0
            for byte in utf8 {
                let isOne = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: ":")
                announcements |= isOne ? 1 : 0
            }
            return announcements != 0
        }
    }

    /// Where digits begin if a number is announced at `index`.
    private static func numberStart(_ bytes: [UInt8], at index: Int) -> (index: Int, hasSeparators: Bool)? {
        switch bytes[index] {
        case UInt8(ascii: "+"):
            return (index + 1, true)
        case UInt8(ascii: "%"):
            let isPlus =
                index + 2 < bytes.count && bytes[index + 1] == UInt8(ascii: "2")
                && bytes[index + 2] | 0x20 == UInt8(ascii: "b")
            return isPlus ? (index + 3, true) : nil
        case UInt8(ascii: ":"):
            for scheme in ["tel", "sip", "sips"] where index >= scheme.utf8.count {
                let before = bytes[(index - scheme.utf8.count)..<index]
                // No separators: the host of `sip:10.11.12.13` is no number.
                if before.elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 }) { return (index + 1, scheme == "tel") }
            }
            return nil
        default:
            return nil
        }
    }

    /// Hides the run of digits at `start` if it is long enough; returns where to go on.
    private static func hideRun(
        _ bytes: inout [UInt8], from start: Int, separators: Bool, _ isChanged: inout Bool
    ) -> Int {
        var (end, digits) = (start, 0)
        while end < bytes.count {
            if isDigit(bytes[end]) {
                digits += 1
            } else if !separators || !isSeparator(bytes[end]) {
                break
            }
            end += 1
        }
        if digits >= shortestNumber {
            var hidden = 0
            for position in start..<end where hidden < digits - 2 && isDigit(bytes[position]) {
                bytes[position] = UInt8(ascii: "*")
                hidden += 1
            }
            isChanged = true
        }
        return end
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// RFC 3966's visual separators.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }
}
