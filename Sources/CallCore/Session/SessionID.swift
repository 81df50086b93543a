/// The `mediaSessionId` of a call: 160 random bits in upper-case hexadecimal, so that no id tells anything about another
/// one and none can be guessed. CAMARA allows 256 characters; ids that arrive in a path are looked up, never parsed.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in the API.
    public let rawValue: String

    /// Takes an id as an API path carries it. Any text is an id; whether a session has it is another question.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A new id from `generator`: 40 hexadecimal digits.
    public static func random(using generator: inout some RandomNumberGenerator) -> SessionID {
        SessionID(rawValue: RandomText.hex(digits: 40, uppercase: true, using: &generator))
    }

    /// The id itself.
    public var description: String { rawValue }
}
