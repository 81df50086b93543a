import CallCore
import Store

/// A store's refusals in the API's words (camara-rules, "Limits"). None names a number, a path or another client.
extension Registrar {
    /// Seconds until another attempt makes sense: the store tries its disk again every second.
    static let retryAfterFailure = 5
    /// The same where something has to expire first.
    static let retryAfterLimit = 60

    /// - Parameter owner: who wanted to register; nil where no limit can be in the way.
    static func refusal(_ error: StoreError, owner: SessionOwner? = nil) -> CAMARAError {
        switch error {
        case .alreadyExists:
            CAMARAError(
                409, .alreadyExists,
                "An active registration already exists for this deviceId and phone number: use it, or delete it first.")
        // Not 409: CAMARA's way out of that, to find the registration and use or delete it, is open to its owner alone.
        case .heldByAnother:
            CAMARAError(
                403, .permissionDenied,
                "The deviceId is registered for this phone number with another access of the client: end that "
                    + "registration with the access that made it, let it expire, or use another deviceId.")
        case .notFound: .resourceNotFound
        case .limitReached(.registrationsPerNumber): perNumber
        case .limitReached(.registrationsPerOwner):
            // One user's share is the user's to clear up; a whole client's is its quota.
            if owner?.user != nil {
                CAMARAError(
                    403, .maximumRegistrationPerUser,
                    "The maximum number of registrations per user has been reached: end one, or let one expire.")
            } else {
                CAMARAError(
                    429, .quotaExceeded, "The client has as many registrations as it may have.",
                    retryAfter: retryAfterLimit)
            }
        case .limitReached(.bytesPerOwner):
            CAMARAError(
                429, .quotaExceeded, "Registrations and subscriptions take as much room as this caller may have.",
                retryAfter: retryAfterLimit)
        case .limitReached(.clientShare):
            CAMARAError(
                429, .quotaExceeded,
                "The client's registrations and subscriptions take as much as is left for all other clients.",
                retryAfter: retryAfterLimit)
        case .limitReached:
            CAMARAError(
                503, .unavailable, "Service unavailable: no more registrations can be held at present.",
                retryAfter: retryAfterLimit)
        case .unavailable:
            CAMARAError(
                503, .unavailable, "Service unavailable: registrations cannot be stored at present.",
                retryAfter: retryAfterFailure)
        }
    }

    /// Why a number takes no more. `registrations.perNumber` bounds the registrations of a number and with them its
    /// devices. Where every one of them is another device, it is the devices that are too many, which is what a user can
    /// act upon; where a device is there several times, through several clients, or the refused one is there already, it
    /// is the registrations.
    static func numberIsFull(of live: [Registration], newDevice: String) -> CAMARAError {
        let devices = Set(live.map(\.deviceID))
        guard devices.count == live.count, !live.isEmpty, !devices.contains(newDevice) else { return perNumber }
        return CAMARAError(
            403, .maximumDevicesPerUser,
            "The maximum number of devices per user has been reached: end the registration of one, or let it expire.")
    }

    private static let perNumber = CAMARAError(
        403, .maximumRegistrationPerNumber,
        "The maximum number of registrations per phone number has been reached: end one, or let one expire.")
}
