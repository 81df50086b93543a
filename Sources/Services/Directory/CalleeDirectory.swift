import CallCore
import Store

/// Whom a called number rings: the live registrations of the store, each its own device (mapping §3).
///
/// The store answers from memory by an index of numbers, so a look-up takes the same time however many are registered.
public final class CalleeDirectory: InboundDirectory {
    private let registrations: any RegistrationStore
    private let served: ServedNumbers

    /// - Parameter registrations: answers at once, from any thread.
    public init(_ registrations: any RegistrationStore, served: ServedNumbers) {
        self.registrations = registrations
        self.served = served
    }

    /// The devices of `number`, the one that registered first comes first. Any thread; does not wait.
    public func callees(of number: PhoneNumber) -> InboundCallees {
        guard served.contains(number) else { return .notServed }
        let registered = registrations.registrations(of: number)
        if registered.isEmpty { return .unregistered }
        let address = "tel:\(number.text)"
        return .devices(
            registered.map { registration in
                InboundDevice(
                    owner: registration.owner,
                    device: SessionDevice(registrationID: registration.id, deviceID: registration.deviceID),
                    receiverAddress: address)
            })
    }
}
