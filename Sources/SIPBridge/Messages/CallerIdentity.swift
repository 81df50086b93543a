import CSofiaSIP
import CallCore

/// Who calls, as the application is told: rebuilt from validated parts, never the network's raw text (ims-headers design).
struct CallerIdentity: Equatable {
    /// `tel:+…`, `sip:user@host`, or the anonymous URI.
    var address: String
    /// The display name that came with it.
    var name: String?

    static let anonymous = CallerIdentity(address: "sip:anonymous@anonymous.invalid")
    /// Scalars of a name that are shown.
    static let maximumName = 64

    init(address: String, name: String? = nil) {
        self.address = address
        self.name = name
    }

    /// P-Asserted-Identity counts before From, and only from a trunk in our trust domain (RFC 3325 §5); a number before any
    /// other identity. Who withholds it is anonymous (RFC 3323 §4.2), and so is who cannot be named.
    /// - Parameter domain: the trunk's; stands in for a host that is no name, such as an internal address.
    /// - Parameter national: how its peer writes numbers, if not all global.
    init(_ caller: csip_caller, isTrusted: Bool, domain: String, national: NationalNumbers? = nil) {
        self = .anonymous
        guard !caller.is_withheld else { return }
        let from = CallerIdentity(caller.from, domain: domain, national)
        var asserted: CallerIdentity?
        if isTrusted {
            let first = caller.asserted_count > 0 ? CallerIdentity(caller.asserted.0, domain: domain, national) : nil
            let second = caller.asserted_count > 1 ? CallerIdentity(caller.asserted.1, domain: domain, national) : nil
            asserted = second?.isNumber == true && first?.isNumber != true ? second : first ?? second
        }
        guard var shown = asserted ?? from else { return }
        if shown.name == nil, shown.address == from?.address { shown.name = from?.name }
        if shown.address != CallerIdentity.anonymous.address { self = shown }
    }

    private var isNumber: Bool { address.hasPrefix("tel:") }

    /// Nil for what is no identity of a person.
    private init?(_ identity: csip_identity, domain: String, _ national: NationalNumbers?) {
        guard let scheme = identity.scheme.map({ String(cString: $0).lowercased() }), let user = identity.user else {
            return nil
        }
        let text = CallerIdentity.withoutParameters(user)
        if let number = PhoneNumber(text) ?? national?.number(of: text),
            scheme == "tel" || scheme == "sip" || scheme == "sips"
        {
            address = "tel:\(number.text)"
        } else {
            guard scheme == "sip" || scheme == "sips", let host = identity.host,
                let parsed = Address("sip:\(text)@\(String(cString: host))") ?? Address("sip:\(text)@\(domain)")
            else { return nil }
            switch parsed {
            case .number(let number): address = "tel:\(number.text)"
            case .uri(let user, let host): address = "sip:\(user)@\(host)"
            case .anonymous, .local: address = CallerIdentity.anonymous.address
            }
        }
        name = identity.display.flatMap { CallerIdentity.name(in: String(cString: $0)) }
    }

    /// The global number that a URI's user is, or that the peer means by it; nil for any other.
    static func number(in user: UnsafePointer<CChar>?, _ national: NationalNumbers? = nil) -> PhoneNumber? {
        guard let user else { return nil }
        let text = withoutParameters(user)
        if let number = PhoneNumber(text) ?? national?.number(of: text) { return number }
        // An escape and the character it stands for are equal (RFC 3261 §19.1.4).
        return text.utf8.contains(UInt8(ascii: "%")) ? Address("sip:\(text)@number.invalid")?.phoneNumber : nil
    }

    /// A user part ends where the parameters of a telephone number begin (RFC 3261 §19.1.6).
    private static func withoutParameters(_ user: UnsafePointer<CChar>) -> Substring {
        let text = String(cString: user)
        return text[..<(text.utf8.firstIndex(of: UInt8(ascii: ";")) ?? text.endIndex)]
    }

    /// A display name: a quoted-string without its quotes and escapes, or tokens (RFC 3261 §25.1). Control characters, which
    /// also turn text around, are left out.
    static func name(in display: String) -> String? {
        var scalars = Substring(display).unicodeScalars
        let isQuoted = scalars.count >= 2 && scalars.first == "\"" && scalars.last == "\""
        if isQuoted { scalars = scalars.dropFirst().dropLast() }
        var name = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in scalars where name.count < maximumName {
            if isQuoted, !isEscaped, scalar == "\\" {
                isEscaped = true
                continue
            }
            isEscaped = false
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: break
            default: name.append(scalar)
            }
        }
        let text = String(name).trimmingSpaces
        return text.isEmpty ? nil : text
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let start = utf8.firstIndex { $0 != UInt8(ascii: " ") } ?? endIndex
        let end = utf8.lastIndex { $0 != UInt8(ascii: " ") }.map { utf8.index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
