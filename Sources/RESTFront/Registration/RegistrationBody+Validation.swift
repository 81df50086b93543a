import CallCore
import Foundation

extension RegistrationBody {
    /// What a POST asks for, as the dialect reads it.
    func creation(_ dialect: RegistrationDialect) throws(CAMARAError) -> RegistrationCreation {
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown) }
        guard let deviceID = try PropertyCheck.text(deviceId, "deviceId") else {
            throw .property("deviceId", "is required")
        }
        try dialect.deviceIDs.check(deviceID, named: "deviceId")
        return RegistrationCreation(deviceID: deviceID, phoneNumber: try givenNumber(), expiresAt: try expiresAt())
    }

    /// The end a PUT asks for, as the dialect reads it; nil if it leaves that to the operator.
    func refresh(_ dialect: RegistrationDialect) throws(CAMARAError) -> Date? {
        if dialect.refusesUnknownProperties {
            try PropertyCheck.refuse(unknown)
            // Neither is part of `RegSessionUpdate`: a registration keeps its device and its number.
            if deviceId.isPresent { throw .property("deviceId", "cannot be changed") }
            if phoneNumber.isPresent { throw .property("phoneNumber", "cannot be changed") }
        }
        return try expiresAt()
    }

    private func givenNumber() throws(CAMARAError) -> PhoneNumber? {
        guard let text = try PropertyCheck.optional(phoneNumber, "phoneNumber", type: "a string") else { return nil }
        // CAMARA's pattern, ^\+[1-9][0-9]{4,14}$: narrower than PhoneNumber, which takes visual separators too.
        guard let number = PhoneNumber(text), number.text == text, !text.hasPrefix("+0") else {
            throw .property("phoneNumber", "must be + and 5 to 15 digits, the first of them not 0")
        }
        return number
    }

    private func expiresAt() throws(CAMARAError) -> Date? {
        let name = "registrationExpireTime"
        guard let text = try PropertyCheck.optional(registrationExpireTime, name, type: "a string") else { return nil }
        guard let date = RFC3339.date(text) else {
            throw .property(name, "must be a date and time with its zone, as in 2026-05-05T13:32:17Z (RFC 3339)")
        }
        return date
    }
}

/// A POST's body, checked for all but the caller's right to the number.
struct RegistrationCreation {
    var deviceID: String
    var phoneNumber: PhoneNumber?
    var expiresAt: Date?
}

extension RegistrationDialect.DeviceIDForm {
    /// - Throws: 400 that begins with `name`.
    func check(_ text: String, named name: String) throws(CAMARAError) {
        switch self {
        case .text: if text.isEmpty { throw .property(name, "must not be empty") }
        case .uuid:
            guard Self.isUUID(text) else {
                throw .property(name, "must be a UUID: 36 characters, 8-4-4-4-12 hexadecimal digits")
            }
        }
    }

    /// RFC 9562 §4; either case. Not Foundation's reader, whose tolerance is not this API's to promise.
    private static func isUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")):
                break
            case (8, _), (13, _), (18, _), (23, _): return false
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")), (_, UInt8(ascii: "a")...UInt8(ascii: "f")),
                (_, UInt8(ascii: "A")...UInt8(ascii: "F")):
                break
            default: return false
            }
        }
        return true
    }
}
