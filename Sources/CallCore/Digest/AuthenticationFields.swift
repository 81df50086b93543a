/// Reads the header fields of authentication (RFC 3261 §25.1, RFC 7235 §2.1): schemes with parameters, or parameters
/// alone. What comes from the network is bounded, and what is of bad form ends the reading there.
struct AuthenticationFields {
    /// One challenge of a field.
    struct Challenge: Equatable {
        /// In lower case.
        var scheme: String
        /// By their names in lower case; quotes and escapes taken off.
        var parameters: [String: String] = [:]
    }

    static let maximumBytes = 4_096
    static let maximumParameters = 32
    static let maximumChallenges = 8

    private let bytes: [UInt8]
    private var index = 0

    private init?(_ text: String) {
        guard text.utf8.count <= AuthenticationFields.maximumBytes else { return nil }
        bytes = Array(text.utf8)
        // What a control character were to do in a header of ours is not for the network to say.
        guard bytes.allSatisfy({ ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7F }) else { return nil }
    }

    /// The challenges of a WWW-Authenticate or Proxy-Authenticate: those before the first one of bad form.
    static func challenges(_ text: String) -> [Challenge] {
        guard var reader = AuthenticationFields(text) else { return [] }
        return reader.challenges()
    }

    /// The parameters of an Authentication-Info; empty where it is of bad form.
    static func parameters(_ text: String) -> [String: String] {
        guard var reader = AuthenticationFields(text) else { return [:] }
        var challenge = Challenge(scheme: "")
        repeat {
            guard let name = reader.token(), reader.take("="), let value = reader.value(),
                reader.add(name, value, to: &challenge)
            else { return [:] }
        } while reader.takeComma()
        return reader.isAtEnd ? challenge.parameters : [:]
    }

    private mutating func challenges() -> [Challenge] {
        var found: [Challenge] = []
        repeat {
            guard let first = token() else { return found }
            if take("=") {
                guard !found.isEmpty, let value = value(), add(first, value, to: &found[found.count - 1])
                else { return Array(found.dropLast()) }
                continue
            }
            guard found.count < AuthenticationFields.maximumChallenges else { return found }
            found.append(Challenge(scheme: first.lowercased()))
            guard let name = token() else { continue }
            guard take("="), let value = value(), add(name, value, to: &found[found.count - 1])
            else { return Array(found.dropLast()) }
        } while takeComma()
        return isAtEnd ? found : Array(found.dropLast())
    }

    /// A parameter that stands there twice could be read either way.
    private func add(_ name: String, _ value: String, to challenge: inout Challenge) -> Bool {
        let name = name.lowercased()
        guard challenge.parameters[name] == nil,
            challenge.parameters.count < AuthenticationFields.maximumParameters
        else { return false }
        challenge.parameters[name] = value
        return true
    }

    // MARK: - Tokens

    private var isAtEnd: Bool { index == bytes.count }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        skipSpace()
        return true
    }

    /// A comma, and the empty elements after it.
    private mutating func takeComma() -> Bool {
        var found = false
        while take(",") { found = true }
        return found && !isAtEnd
    }

    private mutating func token() -> String? {
        skipSpace()
        let start = index
        while index < bytes.count, AuthenticationFields.isTokenByte(bytes[index]) { index += 1 }
        defer { skipSpace() }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    private mutating func value() -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return token() }
        index += 1
        var text: [UInt8] = []
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                skipSpace()
                return String(validating: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                guard index < bytes.count else { return nil }
                byte = bytes[index]
                index += 1
            }
            text.append(byte)
        }
        return nil
    }

    /// RFC 3261 §25.1.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "!"),
            UInt8(ascii: "%"), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "`"),
            UInt8(ascii: "'"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
