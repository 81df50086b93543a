import CallCore

/// How one published version of the registration API differs from the other (camara-rules, "Paths"). Handlers ask the
/// table; no handler asks for a version.
public struct RegistrationDialect: Sendable, Equatable {
    /// For logs.
    public var name: String
    /// The status of a POST that has registered a device.
    public var createdStatus: Int
    /// GET …/sessions/{registrationId} and GET …/sessions?deviceId= exist.
    public var hasRead: Bool
    /// A POST for a device and number that are registered already takes the old registration's place; elsewhere it is
    /// 409 ALREADY_EXISTS.
    public var replacesStale: Bool
    /// What a `registrationExpireTime` outside the operator's range comes to.
    public var expiryRule: ExpiryRule
    /// What a `deviceId` may be.
    public var deviceIDs: DeviceIDForm
    /// A property that no release ever had is 400 instead of ignored.
    public var refusesUnknownProperties: Bool
    /// The code of the 409 for a change that does not fit a state: CONFLICT until Commonalities r4.1.
    public var stateConflict: CAMARAError.Code

    /// What a `deviceId` may be.
    public enum DeviceIDForm: Sendable, Equatable {
        /// 1…256 characters, none of them a control character. r2.2 means a UUID, but its schema says `pattern: uuid`,
        /// and applications send what they like.
        case text
        /// A UUID in its text form (RFC 9562 §4), which is 0.4's `format: uuid, maxLength: 36`.
        case uuid
    }

    /// CAMARA r2.2, registration v0.3.
    public static let v03 = RegistrationDialect(
        name: "v0.3", createdStatus: 200, hasRead: false, replacesStale: true, expiryRule: .ownPolicy, deviceIDs: .text,
        refusesUnknownProperties: false, stateConflict: .conflict)

    /// CAMARA towards r3, registration v0.4.
    public static let v04 = RegistrationDialect(
        name: "v0.4", createdStatus: 201, hasRead: true, replacesStale: false, expiryRule: .cappedNotRaised,
        deviceIDs: .uuid, refusesUnknownProperties: true, stateConflict: .incompatibleState)
}
