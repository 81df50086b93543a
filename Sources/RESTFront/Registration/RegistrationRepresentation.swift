import CallCore

/// A registration as JSON: CAMARA's `RegSessionResponse`, the same in every dialect.
struct RegistrationRepresentation: Encodable, Sendable {
    let registration: Registration

    private enum Key: String, CodingKey {
        case regInfo, registrationId, expiresAt
    }

    private struct Information: Encodable {
        let phoneNumber: String
        /// The only status there is: what has ended is not shown.
        let regStatus = "Registered"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Information(phoneNumber: registration.number.text), forKey: .regInfo)
        try container.encode(registration.id.rawValue, forKey: .registrationId)
        try container.encode(RFC3339.text(registration.expiresAt), forKey: .expiresAt)
    }
}
