import CallCore
import Foundation

/// What the APIs stand on.
struct Backend {
    let calls: any CallControl
    let registrations: (any RegistrationControl)?
    /// The notifier; nil serves no events API.
    let subscriptions: (any SubscriptionControl)?
    let emergencyNumbers: EmergencyNumbers
    /// Whether there are trunks for emergency calls.
    var takesEmergencyCalls = false
    /// Whether a regular call's location goes anywhere.
    var takesLocations = false
    let makeSessionID: @Sendable () -> SessionID
    /// The time of day.
    let now: @Sendable () -> Date

    /// The API of that kind; nil if what it stands on is missing.
    func api(_ kind: Mount.Kind) -> (any API)? {
        switch kind {
        case .callHandling(let dialect):
            CallHandling(
                dialect: dialect, calls: calls, emergencyNumbers: emergencyNumbers,
                takesEmergencyCalls: takesEmergencyCalls, takesLocations: takesLocations, registrations: registrations,
                makeSessionID: makeSessionID)
        case .registration(let dialect):
            registrations.map { RegistrationAPI(dialect: dialect, registrations: $0) }
        case .events(let dialect):
            subscriptions.map {
                SubscriptionsAPI(dialect: dialect, subscriptions: $0, registrations: registrations, now: now)
            }
        }
    }

    /// What is served of `mounts`, with `prefix` in front of each path.
    func served(_ mounts: [Mount], prefix: String) -> [(path: String, api: any API)] {
        mounts.compactMap { mount in api(mount.api).map { (prefix + mount.path, $0) } }
    }
}
