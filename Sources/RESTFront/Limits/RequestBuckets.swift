/// A token bucket for each client: it holds `burst` requests and fills up by `requestsPerSecond`. Moments are nanoseconds
/// of the monotonic clock. Used on one thread.
///
/// A bucket is one number, the moment at which it is full again (the generic cell rate algorithm, ITU-T I.371 annex A). One
/// that is full need not be kept at all. Two generations bound the others: who sends nothing while `capacity / 2` other
/// clients do starts anew. That errs in the client's favour, and only where tens of thousands of them are busy at once.
struct RequestBuckets {
    private let interval: UInt64
    /// How far ahead the moment may lie for one more request to fit in.
    private let tolerance: UInt64
    private let capacity: Int
    private var young: [String: UInt64] = [:]
    private var old: [String: UInt64] = [:]

    /// - Parameter capacity: most buckets kept, 2 or more.
    init(requestsPerSecond: Int, burst: Int, capacity: Int = 65_536) {
        interval = 1_000_000_000 / UInt64(min(max(requestsPerSecond, 1), 1_000_000_000))
        tolerance = interval * UInt64(min(max(burst, 1) - 1, 1_000_000_000))
        self.capacity = max(capacity, 2)
    }

    /// How many buckets are kept.
    var count: Int { young.count + old.count }

    /// Takes one request out of the client's bucket.
    /// - Returns: nil if it is allowed; else how long the client must wait, in nanoseconds. Refused requests cost it nothing.
    mutating func take(_ client: String, at now: UInt64) -> UInt64? {
        let isYoung: Bool
        let full: UInt64
        if let known = young[client] {
            (isYoung, full) = (true, max(known, now))
        } else {
            (isYoung, full) = (false, max(old[client] ?? now, now))
        }
        let ahead = full - now
        guard ahead <= tolerance else { return ahead - tolerance }
        if !isYoung, young.count >= capacity / 2 {
            old = young
            young = [:]
        }
        young[client] = full + interval
        return nil
    }
}
