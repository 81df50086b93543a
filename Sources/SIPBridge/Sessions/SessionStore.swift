import CallCore
import Synchronization

/// The sessions as the API sees them: snapshots, written by the SIP thread, read by any thread without waiting for it.
///
/// A session that has ended stays for a while, bounded in time, number and bytes, oldest out first: at 1,500 calls/s five
/// minutes of them would be 450,000.
public final class SessionStore: Sendable {
    /// How much of what has ended is kept.
    public struct Retention: Sendable {
        /// `sessions.keepEnded`
        public var time: Duration
        /// `sessions.maxEnded`
        public var count: Int
        /// `sessions.maxEndedBytes`: texts only.
        public var bytes: Int

        /// Takes every value as given.
        public init(time: Duration = .seconds(300), count: Int = 100_000, bytes: Int = 256 << 20) {
            self.time = time
            self.count = count
            self.bytes = bytes
        }
    }

    /// Part of the sessions. One table of all would stop both threads for milliseconds whenever it grows.
    private final class Shard: Sendable {
        let sessions = Mutex<[SessionID: Shown]>([:])
    }

    /// What is shown of a session. An object, because a session has a dozen texts: it is found, and its owner looked at,
    /// without copying them. Used under its shard's lock alone.
    private final class Shown {
        var session: Session

        init(_ session: Session) { self.session = session }
    }

    private let shards: [Shard] = (0..<256).map { _ in Shard() }
    private let ended = Mutex(EndedQueue())
    private let retention: Mutex<Retention>
    private let clock: @Sendable () -> UInt64

    /// Takes every value as given.
    public init(retention: Retention, clock: @escaping @Sendable () -> UInt64) {
        self.retention = Mutex(retention)
        self.clock = clock
    }

    /// How much is kept from now on; any thread.
    func set(_ retention: Retention) { self.retention.withLock { $0 = retention } }

    private func shard(of id: SessionID) -> Shard {
        shards[Int(truncatingIfNeeded: id.hashValue) & (shards.count - 1)]
    }

    /// The session, alive or kept; nil if there is none. Any thread.
    public func session(_ id: SessionID) -> Session? {
        shard(of: id).sessions.withLock { $0[id]?.session }
    }

    /// The same if it is `owner`'s. Somebody else's takes no longer than none, so that the time tells nobody whether there
    /// is a session.
    public func session(_ id: SessionID, of owner: SessionOwner) -> Session? {
        shard(of: id).sessions.withLock { sessions in
            let shown = sessions[id]
            let holder = shown?.session.owner ?? .nobody
            return holder == owner ? shown?.session : nil
        }
    }

    /// Shows `session` in place of what was shown before. One with a final status is kept from now on as ended.
    func publish(_ session: Session) {
        let wasFinal = shard(of: session.id).sessions.withLock { sessions in
            guard let shown = sessions[session.id] else {
                sessions[session.id] = Shown(session)
                return false
            }
            defer { shown.session = session }
            return shown.session.status.isFinal
        }
        guard session.status.isFinal, !wasFinal else { return }
        let retention = retention.withLock { $0 }
        let end = EndedQueue.Entry(
            id: session.id, until: clock() + retention.time.nanoseconds, bytes: SessionStore.bytes(of: session))
        let dropped = ended.withLock { ended in
            ended.append(end)
            var dropped: [SessionID] = []
            while ended.count > retention.count || ended.bytes > retention.bytes, let oldest = ended.removeFirst() {
                dropped.append(oldest.id)
            }
            return dropped
        }
        drop(dropped)
    }

    /// Drops what has been kept long enough; bounded work, so call it regularly.
    func prune(limit: Int = 2_000) {
        let now = clock()
        let dropped = ended.withLock { ended in
            var dropped: [SessionID] = []
            while dropped.count < limit, let oldest = ended.first, oldest.until <= now, ended.removeFirst() != nil {
                dropped.append(oldest.id)
            }
            return dropped
        }
        drop(dropped)
    }

    private func drop(_ ids: [SessionID]) {
        for id in ids { shard(of: id).sessions.withLock { $0[id] = nil } }
    }

    /// Sessions shown, and how many of them have ended; while sessions come and go, not both of one instant.
    public var counts: (all: Int, ended: Int) {
        (shards.reduce(0) { $0 + $1.sessions.withLock(\.count) }, ended.withLock(\.count))
    }

    private static func bytes(of session: Session) -> Int {
        let texts: [String?] = [
            session.originatorAddress, session.originatorName, session.receiverAddress, session.receiverName,
            session.clientCorrelator, session.offer?.text, session.answer?.text, session.reason, session.id.rawValue,
        ]
        return texts.reduce(512) { $0 + ($1?.utf8.count ?? 0) }
    }
}
