import CallCore

/// A registration as JSON: CAMARA's `RegSessionResponse`, the same in every dialect.
struct RegistrationRepresentation: JSONWritable, Sendable {
    let registration: Registration

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("regInfo") { json in
                json.member("phoneNumber", registration.number.text)
                // The only status there is: what has ended is not shown.
                json.member("regStatus", "Registered")
            }
            json.member("registrationId", registration.id.rawValue)
            json.member("expiresAt", RFC3339.text(registration.expiresAt))
        }
    }
}
