import CallCore
import Foundation
import Services
import Synchronization

/// Ends registrations when their time has come.
///
/// One task sleeps until the next expiry, but never longer than the shortest life a registration may have: so one that is
/// made meanwhile is never found late.
final class RegistrationTimer: Sendable {
    private let registrar: Registrar
    private let longestWait: TimeInterval
    private let task = Mutex<Task<Void, Never>?>(nil)
    private static let batch = 256

    /// Does nothing before ``start()``.
    init(_ registrar: Registrar, shortestLife: Duration) {
        self.registrar = registrar
        // Not for ever, because the date may be set.
        longestWait = min(max(shortestLife / .seconds(1), 0.01), 30)
    }

    /// Begins with those that ran out while no gateway ran. Once only.
    func start() {
        task.withLock { task in
            guard task == nil else { return }
            task = Task { [registrar, longestWait] in
                while !Task.isCancelled {
                    while registrar.expireDue(limit: RegistrationTimer.batch) == RegistrationTimer.batch {
                        await Task.yield()
                    }
                    let wait = registrar.nextExpiry?.timeIntervalSinceNow ?? longestWait
                    try? await Task.sleep(for: .seconds(min(max(wait, 0.01), longestWait)))
                }
            }
        }
    }

    /// Returns when nothing more is ended.
    func stop() async {
        let running = task.withLock { $0 }
        running?.cancel()
        await running?.value
    }
}
