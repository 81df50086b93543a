/// Tokens that have been verified, so that a call's POST, GETs and DELETE pay for one signature.
///
/// Keyed by the whole `Authorization` value: the dictionary's keyed hash finds an entry and the comparison of all bytes
/// confirms it. Two generations bound it without any bookkeeping per use: when the younger one is full, the older one
/// is dropped and they change places.
struct TokenCache {
    private struct Entry {
        let caller: Caller
        let validUntil: Double
    }

    private let capacity: Int
    private var young: [String: Entry] = [:]
    private var old: [String: Entry] = [:]

    /// Holds at most `capacity` tokens (2 or more).
    init(capacity: Int) {
        self.capacity = max(capacity, 2)
    }

    /// How many tokens are held.
    var count: Int { young.count + old.count }

    /// The caller of a token that was verified and is still good at `now`, in seconds.
    mutating func caller(for authorization: String, at now: Double) -> Caller? {
        if let entry = young[authorization] {
            guard now < entry.validUntil else {
                young[authorization] = nil
                return nil
            }
            return entry.caller
        }
        guard let entry = old.removeValue(forKey: authorization), now < entry.validUntil else { return nil }
        insert(entry, for: authorization)
        return entry.caller
    }

    mutating func insert(_ caller: Caller, for authorization: String, validUntil: Double) {
        insert(Entry(caller: caller, validUntil: validUntil), for: authorization)
    }

    private mutating func insert(_ entry: Entry, for authorization: String) {
        if young.count >= capacity / 2 {
            old = young
            young = [:]
        }
        young[authorization] = entry
    }
}
