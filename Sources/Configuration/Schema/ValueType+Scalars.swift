extension ValueType where Value == Bool {
    /// `true` or `false`.
    static var bool: ValueType {
        let allowed = "true or false"
        return ValueType(allowed: allowed) { node, label, decoding in
            guard case .scalar(let scalar) = node.content, case .bool(let value) = ScalarValue(scalar) else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            return value
        } render: {
            String($0)
        }
    }
}

extension ValueType where Value == Int {
    /// A whole number in `range`, but none of `except`.
    static func int(_ range: ClosedRange<Int>, except: Set<Int> = []) -> ValueType {
        var allowed = "whole number from \(range.lowerBound) to \(range.upperBound)"
        if !except.isEmpty { allowed += " but " + except.sorted().map(String.init).joined(separator: ", ") }
        return ValueType(allowed: allowed) { [allowed] node, label, decoding in
            guard case .scalar(let scalar) = node.content, case .int(let value) = ScalarValue(scalar) else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            guard range.contains(value), !except.contains(value) else {
                decoding.report(node, label, "\(value) is out of range; allowed: \(allowed)")
                return nil
            }
            return value
        } render: {
            String($0)
        }
    }

    /// A number of bytes, written with its unit.
    static func size(_ range: ClosedRange<Int>) -> ValueType {
        let bounds = "from \(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        return .text(allowed: "size \(bounds) (like 64KiB, 1MiB)", render: ByteSize.text) {
            text, _ throws(Refusal) in
            guard let value = ByteSize.bytes(text) else { throw Refusal("is not a size") }
            guard range.contains(value) else { throw Refusal("is out of range") }
            return value
        }
    }
}

extension ValueType where Value == Duration {
    /// A duration in `range`, written with its unit.
    static func duration(_ range: ClosedRange<Duration>) -> ValueType {
        let bounds = "from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return .text(allowed: "duration \(bounds) (like 250ms, 4s, 5m, 2h)", render: DurationText.text) {
            text, _ throws(Refusal) in
            guard let value = DurationText.duration(text) else { throw Refusal("is not a duration") }
            guard range.contains(value) else { throw Refusal("is out of range") }
            return value
        }
    }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration; `notYet` are words the design knows and the gateway does not take yet.
    static func word(notYet: [String] = []) -> ValueType {
        let words = Value.allCases.map(\.rawValue)
        return .text(allowed: words.joined(separator: ", "), render: \.rawValue) { text, _ throws(Refusal) in
            if let value = Value(rawValue: text) { return value }
            if notYet.contains(text) { throw Refusal("is not supported yet") }
            let near = Suggestion.nearest(to: text, among: words).map { " (did you mean \($0)?)" }
            throw Refusal("is no known word\(near ?? "")")
        }
    }
}

extension ValueType where Value == String {
    /// A string of 1 to `maximum` bytes without control characters.
    static func string(_ what: String, maximum: Int = 256) -> ValueType {
        .text(allowed: "\(what), 1 to \(maximum) bytes", render: yamlText) { text, _ throws(Refusal) in
            guard !text.isEmpty else { throw Refusal("is empty") }
            guard text.utf8.count <= maximum else { throw Refusal("is too long") }
            guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw Refusal("has a control character")
            }
            return text
        }
    }

    /// A trunk's name.
    static var trunkName: ValueType {
        .text(allowed: "name of letters, digits, '.', '_' and '-', at most 64", render: yamlText) {
            text, _ throws(Refusal) in
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isNameByte) else {
                throw Refusal("is not a name")
            }
            return text
        }
    }

    /// What a dialled number must start with.
    static var numberPrefix: ValueType {
        .text(allowed: #""" (every number), "+", or "+" and 1 to 15 digits, in quotes"#, render: yamlText) {
            text, _ throws(Refusal) in
            let digits = text.utf8.dropFirst()
            let isPrefix =
                text.isEmpty
                || (text.hasPrefix("+") && digits.count <= 15 && DecimalText.isDigits(digits))
            guard isPrefix else { throw Refusal("is not a prefix of numbers") }
            return text
        }
    }

    /// The path in front of every mount of the API.
    static var urlPrefix: ValueType {
        .text(allowed: #""" or a path like /camara, without a slash at its end, at most 128 bytes"#, render: yamlText) {
            text, _ throws(Refusal) in
            guard !text.isEmpty else { return text }
            let segments = text.split(separator: "/", omittingEmptySubsequences: false)
            let isPath =
                text.utf8.count <= 128 && segments.first?.isEmpty == true && segments.count > 1
                && segments.dropFirst().allSatisfy {
                    !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.allSatisfy(isPathByte)
                }
            guard isPath else { throw Refusal("is not a path") }
            return text
        }
    }

    /// A string as YAML would need it: in quotes unless it is a plain word.
    static func yamlText(_ text: String) -> String {
        let isPlainWord = !text.isEmpty && text.utf8.allSatisfy(isNameByte)
        guard isPlainWord, case .string = ScalarValue(Scalar(text: text, isPlain: true)) else {
            return Quoted(text).description
        }
        return text
    }
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: DecimalText.isDigits(CollectionOfOne(byte))
    }
}

/// RFC 3986 §2.3, unreserved.
private func isPathByte(_ byte: UInt8) -> Bool {
    isNameByte(byte) || byte == UInt8(ascii: "~")
}
