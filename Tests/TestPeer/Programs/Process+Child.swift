import Foundation
import Synchronization

/// A child holds all descriptors of this process from its birth until it executes its program. A port that is tried just
/// then is not free again when it is closed here, so the two exclude each other.
enum Births {
    static let gate = Mutex<Void>(())
}

extension Process {
    /// Runs it at a time when no port is being tried: see ``FreePort``.
    package func runChild() throws {
        try Births.gate.withLock { _ in try run() }
    }
}
