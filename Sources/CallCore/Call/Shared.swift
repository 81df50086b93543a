/// One value that many go by: it is kept once, not in each of them. What stands in a call is paid for by every call held.
public final class Shared<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The value; it never changes.
    public let value: Value

    /// Takes the value as given.
    public init(_ value: Value) {
        self.value = value
    }

    /// Whether the values are equal, wherever they are kept.
    public static func == (left: Shared, right: Shared) -> Bool { left === right || left.value == right.value }

    /// As the value is hashed.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
