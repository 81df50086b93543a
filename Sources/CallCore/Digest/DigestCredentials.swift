/// The name and password of a trunk. They print without the password wherever a value is described or dumped.
public struct DigestCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The account's name.
    public var username: String
    /// The password itself, for the one place that needs it.
    public var password: String
    /// The only realm that may ask for them; nil: any.
    public var realm: String?

    /// Takes every value as given.
    public init(username: String, password: String, realm: String? = nil) {
        self.username = username
        self.password = password
        self.realm = realm
    }

    /// Whether a realm may ask for them. A domain is one however it is written.
    func areFor(_ other: String) -> Bool { realm == nil || realm?.lowercased() == other.lowercased() }

    /// Never the password, nor the name.
    public var description: String { "[redacted]" }
    /// Never the password, nor the name.
    public var debugDescription: String { description }
    /// Without children, so that `dump` and mirrors show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
