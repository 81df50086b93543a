import CallCore

/// What the APIs stand on.
struct Backend {
    let calls: any CallControl
    let registrations: (any RegistrationControl)?
    let emergencyNumbers: EmergencyNumbers
    let makeSessionID: @Sendable () -> SessionID

    /// The API of that kind.
    func api(_ kind: Mount.Kind) -> any API {
        switch kind {
        case .callHandling(let dialect):
            CallHandling(
                dialect: dialect, calls: calls, emergencyNumbers: emergencyNumbers, registrations: registrations,
                makeSessionID: makeSessionID)
        }
    }
}
