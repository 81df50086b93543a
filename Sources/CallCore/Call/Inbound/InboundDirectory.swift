/// Who is called by a number: what the call layer asks for each INVITE of the network.
///
/// Called on the SIP thread, which carries every other call meanwhile: answer from memory, and wait for nothing.
public protocol InboundDirectory: AnyObject, Sendable {
    /// The devices that `number` rings, at most a handful: each gets a session and an invitation of its own.
    func callees(of number: PhoneNumber) -> InboundCallees
}

/// What a called number leads to.
public enum InboundCallees: Sendable, Equatable {
    /// Not a number of this gateway: 404 (mapping §3).
    case notServed
    /// A number of this gateway without a live registration: 480.
    case unregistered
    /// At least one.
    case devices([InboundDevice])
}

/// A registered device that is to be invited.
public struct InboundDevice: Sendable, Hashable {
    /// Who will own its session.
    public var owner: SessionOwner
    /// The device, as its registration names it.
    public var device: SessionDevice
    /// The called number as CAMARA writes addresses, `tel:+…`: the session's `receiverAddress`.
    public var receiverAddress: String

    /// Takes every value as given.
    public init(owner: SessionOwner, device: SessionDevice, receiverAddress: String) {
        self.owner = owner
        self.device = device
        self.receiverAddress = receiverAddress
    }
}
