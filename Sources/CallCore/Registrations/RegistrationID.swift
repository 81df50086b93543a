/// The `registrationId` of the API: 160 random bits, as unguessable as a ``SessionID``.
public struct RegistrationID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in the API.
    public let rawValue: String

    /// Takes an id as an API path or header carries it. Any text is an id; whether a registration has it is another
    /// question.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A new id from `generator`: 40 hexadecimal digits.
    public static func random(using generator: inout some RandomNumberGenerator) -> RegistrationID {
        RegistrationID(rawValue: RandomText.hex(digits: 40, using: &generator))
    }

    /// The id itself.
    public var description: String { rawValue }
}
