/// The device a session was made with, as its registration named it then. It stays with the session when the registration
/// ends, so that the session's last events still find their way.
public struct SessionDevice: Hashable, Sendable {
    /// The registration.
    public var registrationID: RegistrationID
    /// The application's name for the device.
    public var deviceID: String

    /// Takes every value as given.
    public init(registrationID: RegistrationID, deviceID: String) {
        self.registrationID = registrationID
        self.deviceID = deviceID
    }
}
