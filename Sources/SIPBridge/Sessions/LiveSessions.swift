import Synchronization

/// How many sessions each client has that are not over. One short lock when a session is asked for and one when it ends;
/// clients without sessions take no room.
final class LiveSessions: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// A session of `client` has been asked for. Any thread.
    func begin(_ client: String) {
        counts.withLock { $0[client, default: 0] += 1 }
    }

    /// It is over, or has not come about. Any thread; once for each ``begin(_:)``.
    func end(_ client: String) {
        counts.withLock { counts in
            guard let count = counts[client] else { return }
            counts[client] = count > 1 ? count - 1 : nil
        }
    }

    /// How many there are. Any thread.
    func count(_ client: String) -> Int {
        counts.withLock { $0[client] ?? 0 }
    }
}
