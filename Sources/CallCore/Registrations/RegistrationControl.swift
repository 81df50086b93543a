import Foundation

/// What the API asks of the registrar. RESTFront calls it; neither knows what is behind the other.
///
/// Every function may be called from any thread and returns at once. `reply` is called exactly once, on any thread: hand
/// the value over and return.
public protocol RegistrationControl: AnyObject, Sendable {
    /// Registers a device; replies when the registration is durable. Errors: 403 PERMISSION_DENIED and MAX_…, 409
    /// ALREADY_EXISTS, 400 OUT_OF_RANGE, 429, 503.
    func register(
        _ request: RegistrationRequest, reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void)

    /// The registration, if it is live, whoever's it is.
    func registration(_ id: RegistrationID) -> Registration?

    /// The registration, if it is live and `owner`'s. One that is not takes the same time as none: nobody may learn from it
    /// whether a registration exists.
    func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration?

    /// The live registrations that `owner` made for a device, of any number, oldest first.
    func registrations(of owner: SessionOwner, deviceID: String) -> [Registration]

    /// Moves the end of a live registration. Errors: 404, 400 OUT_OF_RANGE, 503.
    /// - Parameter expiresAt: what the client asks for; nil for the operator's default, counted from now.
    func refresh(
        _ id: RegistrationID, until expiresAt: Date?, _ rule: ExpiryRule,
        reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void)

    /// Ends a registration as its owner; replies when that is durable. One that is gone already is 404.
    func end(_ id: RegistrationID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void)
}

/// A device that wants to receive a number's calls: authenticated and validated.
public struct RegistrationRequest: Sendable, Equatable {
    /// Who will own the registration.
    public var owner: SessionOwner
    /// The number it is for.
    public var number: PhoneNumber
    /// The application's name for the device.
    public var deviceID: String
    /// When it is to end; nil for the operator's default.
    public var expiresAt: Date?
    /// What a time outside the operator's range comes to.
    public var expiryRule: ExpiryRule
    /// Whether a live registration of the same owner, device and number makes way (v0.3) or is kept and the request
    /// refused (0.4). One that another user of the client made is kept in any case.
    public var replacesStale: Bool

    /// Takes every value as given.
    public init(
        owner: SessionOwner, number: PhoneNumber, deviceID: String, expiresAt: Date? = nil,
        expiryRule: ExpiryRule = .ownPolicy, replacesStale: Bool = true
    ) {
        self.owner = owner
        self.number = number
        self.deviceID = deviceID
        self.expiresAt = expiresAt
        self.expiryRule = expiryRule
        self.replacesStale = replacesStale
    }
}

/// What an expiry outside the operator's range comes to (camara-rules, "Paths").
public enum ExpiryRule: Sendable, Equatable {
    /// The nearest time that is within (v0.3).
    case ownPolicy
    /// Above it, the maximum; below it, or in the past, 400 OUT_OF_RANGE (0.4).
    case cappedNotRaised
}
