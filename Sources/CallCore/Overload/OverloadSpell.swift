/// From the first call that is refused for want of time to the last of many: told to the operator as one.
public struct OverloadSpell: Sendable, Equatable {
    /// What the operator is told.
    public enum Notice: Sendable, Equatable {
        /// Calls are being refused.
        case began
        /// None has been for a while; so many were.
        case ended(refused: Int)
    }

    /// Nanoseconds without a refusal that end it.
    static let quiet: UInt64 = 5_000_000_000

    private var seen = 0
    private var before = 0
    private var last: UInt64?

    /// None is on.
    public init() {}

    /// Looks at how many have been refused since the start.
    public mutating func look(refused total: Int, at now: UInt64) -> Notice? {
        let isNew = total != seen
        defer { seen = total }
        if isNew {
            defer { last = now }
            guard last == nil else { return nil }
            before = seen
            return .began
        }
        guard let last, now &- last >= OverloadSpell.quiet else { return nil }
        self.last = nil
        return .ended(refused: total - before)
    }
}
