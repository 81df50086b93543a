/// The body of POST …/sessions and of PUT …/sessions/{registrationId} as it came, of any dialect: CAMARA's
/// `RegSessionRequest` and `RegSessionUpdate`.
struct RegistrationBody: Decodable, Sendable {
    var deviceId = Property<String>.absent
    var phoneNumber = Property<String>.absent
    var registrationExpireTime = Property<String>.absent
    /// Names no release of the API has, sorted.
    var unknown: [String] = []

    /// A body without properties: what a PUT without a body stands for.
    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "deviceId": deviceId = container.property(key)
            case "phoneNumber": phoneNumber = container.property(key)
            case "registrationExpireTime": registrationExpireTime = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}
