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

    private struct Ended {
        var id: SessionID
        var until: UInt64
        var bytes: Int
    }

    private struct State {
        var sessions: [SessionID: Session] = [:]
        var ended: [Ended] = []
        var head = 0
        var endedBytes = 0

        var endedCount: Int { ended.count - head }

        mutating func dropOldest() {
            let oldest = ended[head]
            head += 1
            endedBytes -= oldest.bytes
            sessions[oldest.id] = nil
            // The array is a queue: what was taken is let go in batches.
            if head > 1024, head * 2 > ended.count {
                ended.removeFirst(head)
                head = 0
            }
        }
    }

    private let state = Mutex(State())
    private let retention: Retention
    private let clock: @Sendable () -> UInt64

    /// Takes every value as given.
    public init(retention: Retention, clock: @escaping @Sendable () -> UInt64) {
        self.retention = retention
        self.clock = clock
    }

    /// The session, alive or kept; nil if there is none. Any thread.
    public func session(_ id: SessionID) -> Session? {
        state.withLock { $0.sessions[id] }
    }

    /// Shows `session` in place of what was shown before. One with a final status is kept from now on as ended.
    func publish(_ session: Session) {
        state.withLock { state in
            let wasFinal = state.sessions.updateValue(session, forKey: session.id)?.status.isFinal ?? false
            guard session.status.isFinal, !wasFinal else { return }
            let bytes = SessionStore.bytes(of: session)
            state.ended.append(Ended(id: session.id, until: clock() + retention.time.nanoseconds, bytes: bytes))
            state.endedBytes += bytes
            while state.endedCount > retention.count || (state.endedBytes > retention.bytes && state.endedCount > 0) {
                state.dropOldest()
            }
        }
    }

    /// Drops what has been kept long enough; bounded work, so call it regularly.
    func prune(limit: Int = 2_000) {
        let now = clock()
        state.withLock { state in
            var left = limit
            while left > 0, state.endedCount > 0, state.ended[state.head].until <= now {
                state.dropOldest()
                left -= 1
            }
        }
    }

    /// Sessions shown, and how many of them have ended.
    public var counts: (all: Int, ended: Int) {
        state.withLock { ($0.sessions.count, $0.endedCount) }
    }

    private static func bytes(of session: Session) -> Int {
        let texts: [String?] = [
            session.originatorAddress, session.originatorName, session.receiverAddress, session.receiverName,
            session.clientCorrelator, session.offer?.text, session.answer?.text, session.reason, session.id.rawValue,
        ]
        return texts.reduce(512) { $0 + ($1?.utf8.count ?? 0) }
    }
}
