/// At most so many calls a second, a second's worth of them at once: the generic cell rate algorithm (ITU-T I.371), one word
/// of state. Times are nanoseconds of a clock that never goes back.
struct CallRate: Sendable, Equatable {
    private let interval: UInt64
    /// When the calls so far would have been over at the even rate.
    private var paidUntil: UInt64 = 0

    private static let second: UInt64 = 1_000_000_000

    /// - Parameter perSecond: 1 or more.
    init(perSecond: Int) {
        interval = CallRate.second / UInt64(max(1, perSecond))
    }

    /// Whether there is room for one more now.
    func hasRoom(at now: UInt64) -> Bool {
        max(paidUntil, now) + interval <= now + max(CallRate.second, interval)
    }

    /// One more, whether there was room or not.
    mutating func take(at now: UInt64) {
        paidUntil = max(paidUntil, now) + interval
    }
}
