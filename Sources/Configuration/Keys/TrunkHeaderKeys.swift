/// The keys of an element of `trunks` that say how its messages are written.
enum TrunkHeaderKeys {
    static let stripPrefix = Key.required(
        with: "format `national`", "trunks[].numbers.stripPrefix", .strippedPrefix,
        "What the numbers of the peer's plan begin with. It is taken off towards the peer and put back on its numbers.")
    static let addPrefix = Key(
        "trunks[].numbers.addPrefix", .dialledPrefix, default: "",
        "With format `national`: what is put in its place, and what the peer's own numbers begin with.")

    static let sessionTimer = SectionKey("trunks[].sessionTimer", "Session timers (RFC 4028).")
    static let expires = Key(
        "trunks[].sessionTimer.expires", .duration(.zero...(.seconds(86_400))), default: .zero,
        "The interval asked for; not below `minimum`. `0s`: the peer's is taken, none is asked for.")
    static let minimum = Key(
        "trunks[].sessionTimer.minimum", .duration(.seconds(1)...(.seconds(86_400))), default: .seconds(90),
        "The smallest interval taken: one below gets 422. Under 90s, the least RFC 4028 allows, warns.")

    static let headers = SectionKey("trunks[].headers", "Headers that not every peer wants.")
    static let pass = Key(
        "trunks[].headers.pass", .list(of: .word(), 0...2), default: [Configuration.PassedHeader](),
        "Headers of a redirection by a trusted trunk that the INVITE to this trunk repeats.")
    static let mmtel = Key(
        "trunks[].headers.mmtel", .bool, default: false,
        "For a peer that is a CSCF: Accept-Contact and P-Preferred-Service name multimedia telephony.")
    static let location = Key(
        "trunks[].headers.location", .bool, default: false,
        "Whether regular calls carry the location that the application gives; emergency calls always do.")

    static let earlyMedia = Key(
        "trunks[].earlyMedia", .word(), default: Configuration.EarlyMedia.play,
        "What an SDP in an 18x without P-Early-Media is for: the application plays what comes, or makes its own ringback."
    )

    static let numberRows: [Row] = [stripPrefix.row, addPrefix.row]
    static let rows: [Row] = [
        earlyMedia.row, sessionTimer.row, expires.row, minimum.row, headers.row, pass.row, mmtel.row, location.row,
    ]
}

extension ValueType where Value == String {
    /// What numbers of a plan begin with.
    static var strippedPrefix: ValueType {
        .text(allowed: #""+", or "+" and 1 to 15 digits, in quotes"#, render: yamlText) { text, _ throws(Refusal) in
            let digits = text.utf8.dropFirst()
            guard text.hasPrefix("+"), digits.count <= 15, DecimalText.isDigits(digits) else {
                throw Refusal("is not a prefix of numbers")
            }
            return text
        }
    }

    /// What a dialled number begins with.
    static var dialledPrefix: ValueType {
        .text(allowed: #""" or 1 to 15 digits, in quotes"#, render: yamlText) { text, _ throws(Refusal) in
            guard text.utf8.count <= 15, DecimalText.isDigits(text.utf8) else { throw Refusal("is not a prefix") }
            return text
        }
    }
}

extension Configuration.NationalNumbers {
    /// Nil for the other formats, which have no use for the prefixes.
    init?(_ section: Section, _ format: Configuration.NumberFormat) {
        let strip = section.value(TrunkHeaderKeys.stripPrefix)
        addPrefix = section.value(TrunkHeaderKeys.addPrefix)
        guard format == .national else {
            let message = "has no effect with this format; allowed: only with format national"
            if section.has(TrunkHeaderKeys.stripPrefix) { section.reportKey(TrunkHeaderKeys.stripPrefix, message) }
            if !addPrefix.isEmpty { section.reportKey(TrunkHeaderKeys.addPrefix, message) }
            return nil
        }
        guard let strip else {
            if !section.has(TrunkHeaderKeys.stripPrefix) {
                let key = TrunkHeaderKeys.stripPrefix
                section.reportMissing(key.name, allowed: "\(key.type.allowed) (format national needs it)")
            }
            return nil
        }
        stripPrefix = strip
    }
}

extension Configuration.SessionTimer {
    init(_ section: Section) {
        expires = section.value(TrunkHeaderKeys.expires)
        minimum = section.value(TrunkHeaderKeys.minimum)
        for key in [TrunkHeaderKeys.expires, TrunkHeaderKeys.minimum]
        where section.value(key).components.attoseconds != 0 {
            section.report(key, "is no whole number of seconds, which the header is; allowed: \(key.type.allowed)")
        }
        if expires > .zero, expires < minimum {
            section.report(
                TrunkHeaderKeys.expires,
                "\(DurationText.text(expires)) is below minimum; allowed: 0s, or at least \(DurationText.text(minimum))"
            )
        }
        if minimum < .seconds(90) {
            section.warn(
                TrunkHeaderKeys.minimum,
                "\(DurationText.text(minimum)) is below 90s, the smallest session interval that RFC 4028 allows: peers "
                    + "may refuse it, and each refresh costs a request")
        }
    }
}

extension Configuration.TrunkHeaders {
    init(_ section: Section) {
        passed = section.value(TrunkHeaderKeys.pass)
        mmtel = section.value(TrunkHeaderKeys.mmtel)
        location = section.value(TrunkHeaderKeys.location)
    }
}
