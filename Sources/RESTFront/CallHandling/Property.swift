/// A JSON property as it was found. Bodies are decoded without judging them, because an emergency call must be known
/// as one before anything else about its body is found fault with (emergency design §1).
enum Property<Value> {
    case absent
    /// There, but of another type, or null.
    case wrongType
    case value(Value)

    var isPresent: Bool {
        if case .absent = self { false } else { true }
    }

    /// The value, if there is one of the right type.
    var found: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

extension Property: Sendable where Value: Sendable {}

/// The name of a JSON property, known or not.
struct PropertyName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

extension KeyedDecodingContainer<PropertyName> {
    /// The property `key`, which is there, as a `Value`.
    func property<Value: Decodable>(_ key: PropertyName) -> Property<Value> {
        guard let value = try? decode(Value.self, forKey: key) else { return .wrongType }
        return .value(value)
    }
}
