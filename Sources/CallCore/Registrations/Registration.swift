import Foundation

/// A device that receives the calls of one number until it expires: what CAMARA's registration API creates, in no
/// dialect's words.
public struct Registration: Hashable, Sendable, Identifiable {
    /// The `registrationId` of the API.
    public let id: RegistrationID
    /// The client, and the user of a three-legged token, that made it and alone may see it.
    public let owner: SessionOwner
    /// The number it serves: the token's, or the one its two-legged client gave.
    public let number: PhoneNumber
    /// The application's name for the device; r2.2 allows any text that is not empty.
    public let deviceID: String
    /// When it was made.
    public let createdAt: Date
    /// From this moment on it is no longer live.
    public var expiresAt: Date

    /// A registration with all that is known of it.
    public init(
        id: RegistrationID, owner: SessionOwner, number: PhoneNumber, deviceID: String, createdAt: Date,
        expiresAt: Date
    ) {
        self.id = id
        self.owner = owner
        self.number = number
        self.deviceID = deviceID
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// Whether it still counts at `time`.
    public func isLive(at time: Date) -> Bool { time < expiresAt }
}
