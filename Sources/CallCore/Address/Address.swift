/// A subscriber address as CAMARA's `Address` pattern allows it, taken apart. What goes to the network is rebuilt from
/// the parts, so no raw text of an application ever becomes part of a SIP header.
public enum Address: Hashable, Sendable {
    /// `tel:+…`, or a SIP URI whose user is a global number.
    case number(PhoneNumber)
    /// `sip:user@host` with a user that is no global number.
    case uri(user: String, host: String)
    /// A home local number with its numbering plan, `tel:digits;phone-context=…` or its SIP form (RFC 3966 §5.1.5,
    /// RFC 3261 §19.1.6; in CAMARA since 0.4). `digits` may hold `*` and `#`.
    case local(digits: String, context: String)
    /// `sip:anonymous@anonymous.invalid` (RFC 3323 §4.1.1.3).
    case anonymous

    /// Longest text looked at: RFC 3261 sets no bound, CAMARA's responses do (256 for ids, the same here).
    public static let maximumLength = 256

    /// Which published `Address` pattern a text must match.
    public enum Pattern: Sendable {
        /// CAMARA r2.2: `tel:+` with 5…15 digits, or `sip:user@host`.
        case r2
        /// Towards 0.4: no number begins with zero, and home local numbers with a `phone-context` are addresses too.
        /// The pattern's emergency URNs are not: they are no subscribers, ``EmergencyNumbers`` takes them first.
        case r3
    }

    /// Parses `text` strictly by `pattern`: schemes in lower case, no visual separators, no URI parameters but those the
    /// pattern names. Nil for everything else.
    ///
    /// Two things are narrower than the pattern, because no SIP URI could hold them: a `%` that begins no escape
    /// (RFC 3261 §25.1) and an empty host label.
    public init?(_ text: String, pattern: Pattern = .r2) {
        guard text.utf8.count <= Address.maximumLength, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let rest = text[text.utf8.index(after: colon)...]
        switch text[..<colon] {
        case "tel": self.init(telephone: rest, pattern: pattern)
        case "sip": self.init(sip: rest, pattern: pattern)
        default: return nil
        }
    }

    /// The global number, if the address is one.
    public var phoneNumber: PhoneNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    private init?(telephone text: Substring, pattern: Pattern) {
        if let number = Address.globalNumber(text, pattern: pattern) {
            self = .number(number)
        } else if pattern == .r3, let local = Address.localNumber(text) {
            self = local
        } else {
            return nil
        }
    }

    private init?(sip text: Substring, pattern: Pattern) {
        guard let at = text.utf8.firstIndex(of: UInt8(ascii: "@")) else { return nil }
        let user = text[..<at]
        let host = text[text.utf8.index(after: at)...].lowercased()
        let phone = ";user=phone"
        if pattern == .r3, host.hasSuffix(phone) {
            guard Address.isHost(host.dropLast(phone.count)), let local = Address.localNumber(user) else { return nil }
            self = local
            return
        }
        guard Address.isUser(user), Address.isHost(host[...]) else { return nil }
        if host == "anonymous.invalid", user.lowercased() == "anonymous" {
            self = .anonymous
        } else if let number = PhoneNumber(String(decoding: PercentEscape.decode(user.utf8), as: UTF8.self)) {
            // An escape and the character it stands for are equal (RFC 3261 §19.1.4).
            self = .number(number)
        } else {
            self = .uri(user: String(user), host: host)
        }
    }

    private static func globalNumber(_ text: Substring, pattern: Pattern) -> PhoneNumber? {
        let digits = text.utf8.dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit), pattern == .r2 || digits.first != UInt8(ascii: "0") else { return nil }
        return PhoneNumber(text)
    }

    /// `digits;phone-context=plan`, 1…15 of `0-9*#`; the plan is a global number's prefix or a domain.
    private static func localNumber(_ text: Substring) -> Address? {
        guard let semicolon = text.utf8.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let digits = text[..<semicolon]
        let parameter = text[semicolon...]
        let name = ";phone-context="
        guard (1...15).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "#") }),
            parameter.hasPrefix(name)
        else { return nil }
        let context = parameter.dropFirst(name.count)
        guard isGlobalContext(context) || isDomainContext(context) else { return nil }
        return .local(digits: String(digits), context: context.lowercased())
    }

    private static func isGlobalContext(_ text: Substring) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && (1...15).contains(digits.count)
            && digits.first != UInt8(ascii: "0") && digits.allSatisfy(\.isASCIIDigit)
    }

    private static func isDomainContext(_ text: Substring) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                isLabel(label) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            }
    }

    private static func isUser(_ text: Substring) -> Bool {
        var bytes = text.utf8.makeIterator()
        var count = 0
        while let byte = bytes.next() {
            count += 1
            switch byte {
            case UInt8(ascii: "%"):  // an escape must be whole (RFC 3261 §25.1)
                guard bytes.next()?.hexDigitValue != nil, bytes.next()?.hexDigitValue != nil else { return false }
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            default: guard byte.isASCIIAlphanumeric else { return false }
            }
        }
        return count > 0
    }

    private static func isHost(_ text: Substring) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last, top.count >= 2, top.allSatisfy(\.isASCIILetter) else {
            return false
        }
        return labels.allSatisfy(isLabel)
    }

    private static func isLabel(_ label: Substring.UTF8View.SubSequence) -> Bool {
        !label.isEmpty && label.count <= 63
            && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
    }
}
