/// A password or key. It prints as `[redacted]` wherever a value is described, dumped or interpolated.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself, for the one place that needs it.
    public let value: String

    init(_ value: String) { self.value = value }

    /// Never the secret.
    public var description: String { "[redacted]" }
    /// Never the secret.
    public var debugDescription: String { description }
    /// Without children, so that `dump` and mirrors show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
