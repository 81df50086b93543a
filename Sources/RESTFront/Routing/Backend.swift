import CallCore
import Foundation

/// What the APIs stand on.
struct Backend {
    let calls: any CallControl
    let registrations: (any RegistrationControl)?
    /// The notifier; nil serves no events API.
    let subscriptions: (any SubscriptionControl)?
    let emergencyNumbers: EmergencyNumbers
    let makeSessionID: @Sendable () -> SessionID
    /// The time of day.
    let now: @Sendable () -> Date

    /// The API of that kind; nil where what it stands on is missing.
    func api(_ kind: Mount.Kind) -> (any API)? {
        switch kind {
        case .callHandling(let dialect):
            CallHandling(
                dialect: dialect, calls: calls, emergencyNumbers: emergencyNumbers, registrations: registrations,
                makeSessionID: makeSessionID)
        case .events(let dialect):
            subscriptions.map {
                SubscriptionsAPI(dialect: dialect, subscriptions: $0, registrations: registrations, now: now)
            }
        }
    }
}
