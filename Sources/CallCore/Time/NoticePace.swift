/// Keeps what can happen a thousand times a second from being told as often: of each kind one in an interval.
public struct NoticePace<Kind: Hashable & Sendable>: Sendable {
    private var last: [Kind: UInt64] = [:]

    /// Nothing has been told.
    public init() {}

    /// Whether a notice is to be told, which counts as told then. There must be few kinds: each is remembered.
    /// - Parameters:
    ///   - interval: the shortest time between two of the kind that are told.
    ///   - now: monotonic nanoseconds.
    public mutating func isDue(_ kind: Kind, every interval: Duration, at now: UInt64) -> Bool {
        if let last = last[kind], now &- last < interval.nanoseconds { return false }
        last[kind] = now
        return true
    }

    /// What was told of these kinds may be told again at once.
    public mutating func forget(where isToForget: (Kind) -> Bool) { last = last.filter { !isToForget($0.key) } }
}
