import CallCore

/// What subscriptions and sessions find each other by. The owner is part of it, so that nobody's subscriptions cost
/// another owner's calls anything, whatever device or session they name.
enum Subject: Hashable, Sendable {
    case session(SessionOwner, SessionID)
    case device(SessionOwner, String)
    case registration(SessionOwner, String)
    /// Sessions made without a device, which concern every device of their owner.
    case anyDevice(SessionOwner)
}

extension Subscription {
    /// What it is found by. One that names a session is found by that alone.
    var subjects: [Subject] {
        if let session = detail.sessionID { return [.session(owner, session)] }
        return devices + [.anyDevice(owner)]
    }

    /// The devices it is about, by either name; for the end of a registration, whatever session it names as well.
    var devices: [Subject] {
        var devices: [Subject] = []
        if let device = detail.deviceID { devices.append(.device(owner, device)) }
        if let registration = detail.registrationID { devices.append(.registration(owner, registration)) }
        return devices
    }
}
