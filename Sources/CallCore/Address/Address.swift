/// A subscriber address as CAMARA's `Address` pattern allows it, taken apart. What goes to the network is rebuilt from
/// the parts, so no raw text of an application ever becomes part of a SIP header.
public enum Address: Hashable, Sendable {
    /// `tel:+…`, or a SIP URI whose user is a global number.
    case number(PhoneNumber)
    /// `sip:user@host` with a user that is no global number.
    case uri(user: String, host: String)
    /// A home local number with its numbering plan, `tel:digits;phone-context=…` or its SIP form (RFC 3966 §5.1.5,
    /// RFC 3261 §19.1.6; in CAMARA since 0.4).
    case local(digits: String, context: String)
    /// `sip:anonymous@anonymous.invalid` (RFC 3323 §4.1.1.3).
    case anonymous

    /// Longest text looked at: RFC 3261 sets no bound, CAMARA's responses do (256 for ids, the same here).
    public static let maximumLength = 256

    /// Parses `tel:+digits` and `sip:user@host` (CAMARA r2.2 pattern: user `[A-Za-z0-9_.!%+-]`, host with a top-level
    /// domain of two letters or more). Nil for everything else, SIP URIs with parameters included.
    public init?(_ text: String) {
        guard text.utf8.count <= Address.maximumLength, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let rest = text[text.utf8.index(after: colon)...]
        switch text[..<colon].lowercased() {
        case "tel":
            guard let number = PhoneNumber(rest) else { return nil }
            self = .number(number)
        case "sip":
            guard let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) else { return nil }
            let user = rest[..<at]
            let host = rest[rest.utf8.index(after: at)...].lowercased()
            guard Address.isUser(user), Address.isHost(host) else { return nil }
            if host == "anonymous.invalid", user.lowercased() == "anonymous" {
                self = .anonymous
            } else if let number = PhoneNumber(user) {
                self = .number(number)
            } else {
                self = .uri(user: String(user), host: host)
            }
        default: return nil
        }
    }

    /// The global number, if the address is one.
    public var phoneNumber: PhoneNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    private static func isUser(_ text: Substring) -> Bool {
        var bytes = text.utf8.makeIterator()
        var count = 0
        while let byte = bytes.next() {
            count += 1
            switch byte {
            case UInt8(ascii: "%"):  // an escape must be whole (RFC 3261 §25.1)
                guard let high = bytes.next(), let low = bytes.next(), isHexDigit(high), isHexDigit(low) else {
                    return false
                }
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            default: guard isAlphanumeric(byte) else { return false }
            }
        }
        return count > 0
    }

    private static func isHost(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last, top.count >= 2 else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard top.allSatisfy({ letters.contains($0) }) else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }
}
