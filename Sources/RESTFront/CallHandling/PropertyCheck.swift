import CallCore

/// The checks every body shares. Each error names the property.
enum PropertyCheck {
    /// CAMARA's bound for names; the same for the client's correlator.
    static let maximumText = 256

    /// The value of a property that may be missing.
    @discardableResult
    static func optional<Value>(
        _ property: Property<Value>, _ name: @autoclosure () -> String, type: StaticString
    ) throws(CAMARAError) -> Value? {
        switch property {
        case .absent: nil
        case .wrongType: throw .property(name(), "must be \(type)")
        case .value(let value): value
        }
    }

    /// The value of a property that must be there.
    static func required<Value>(
        _ property: Property<Value>, _ name: @autoclosure () -> String, type: StaticString
    ) throws(CAMARAError) -> Value {
        guard let value = try optional(property, name(), type: type) else { throw .property(name(), "is required") }
        return value
    }

    /// A text that people or logs read: at most 256 characters, none of them a control character, so that no line break
    /// of a name can ever begin a header.
    static func text(_ property: Property<String>, _ name: String) throws(CAMARAError) -> String? {
        guard let text = try optional(property, name, type: "a string") else { return nil }
        // Judged byte by byte: a call has a dozen texts, and to look each character up costs more than to decode it.
        var characters = 0
        var hasControl = false
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte & 0b1100_0000 != 0b1000_0000 { characters += 1 }
            hasControl = hasControl || isControl(byte, after: previous)
            previous = byte
        }
        guard characters <= maximumText else {
            throw .property(name, "must have at most \(maximumText) characters")
        }
        guard !hasControl else { throw .property(name, "must not hold control characters") }
        return text
    }

    /// Whether a byte of UTF-8 ends a control character of Unicode (general category Cc): C0 and DEL are one byte, C1
    /// (U+0080 to U+009F) is 0xC2 and another, and 0xC2 begins nothing else that is below 0xA0.
    private static func isControl(_ byte: UInt8, after previous: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0)
    }

    /// Refuses names that no release of the API has.
    static func refuse(_ unknown: [String], in parent: String? = nil) throws(CAMARAError) {
        guard let first = unknown.first else { return }
        throw .invalidArgument("\(quoted(parent.map { "\($0).\(first)" } ?? first)) is not a property of this API.")
    }

    /// A text of the application inside an error message: short, and nothing in it that could end a line.
    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(64).map { scalar in
            (0x20...0x7E).contains(scalar.value) ? Character(scalar) : "?"
        }
        return "\"" + String(plain) + "\""
    }
}
