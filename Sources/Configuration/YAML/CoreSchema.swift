/// What a scalar is by the core schema of YAML 1.2.2 §10.3.2. Unlike YAML 1.1, `yes`, `no`, `on` and `off` are words.
enum ScalarValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// A floating-point number, or an integer too large for 64 bits. No key takes one, so its value is not kept.
    case float
    case string(String)

    init(_ scalar: Scalar) {
        guard scalar.isPlain else {
            self = .string(scalar.text)
            return
        }
        switch scalar.text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default:
            let bytes = Array(scalar.text.utf8)
            if let digits = Self.integerDigits(bytes) {
                self = Int(digits.text, radix: digits.radix).map(ScalarValue.int) ?? .float
            } else {
                self = Self.isFloat(bytes) ? .float : .string(scalar.text)
            }
        }
    }

    /// `[-+]? [0-9]+`, `0o [0-7]+` or `0x [0-9a-fA-F]+`: the digits and their radix, or nil.
    private static func integerDigits(_ bytes: [UInt8]) -> (text: String, radix: Int)? {
        let radix: Int
        let digits: ArraySlice<UInt8>
        if bytes.starts(with: "0o".utf8) {
            (radix, digits) = (8, bytes.dropFirst(2))
        } else if bytes.starts(with: "0x".utf8) {
            (radix, digits) = (16, bytes.dropFirst(2))
        } else {
            (radix, digits) = (10, bytes.dropFirst(bytes.first.map(isSign) == true ? 1 : 0))
        }
        guard !digits.isEmpty, digits.allSatisfy({ digitValue($0) < radix }) else { return nil }
        let text = radix == 10 ? bytes[...] : digits
        return (String(decoding: text, as: UTF8.self), radix)
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, an infinity or not-a-number.
    private static func isFloat(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if let first = rest.first, isSign(first) { rest = rest.dropFirst() }
        if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) { return true }
        if [".nan", ".NaN", ".NAN"].contains(where: { bytes.elementsEqual($0.utf8) }) { return true }
        let whole = rest.prefix { digitValue($0) < 10 }
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix { digitValue($0) < 10 }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return false }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if let first = rest.first, isSign(first) { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy { digitValue($0) < 10 }
    }

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    /// The value of a hexadecimal digit, 255 for any other byte.
    private static func digitValue(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: 255
        }
    }
}
