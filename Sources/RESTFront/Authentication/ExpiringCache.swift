/// Answers that hold for a while, so that a call's POST, GETs and DELETE pay for one verification.
///
/// Two generations bound it without any bookkeeping per use: when the younger one is full, the older one is dropped and
/// they change places. What is used moves to the younger one, so it stays however many others come.
struct ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let validUntil: Double
    }

    private let capacity: Int
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]

    /// Holds at most `capacity` answers (2 or more).
    init(capacity: Int) {
        self.capacity = max(capacity, 2)
    }

    /// How many answers are held.
    var count: Int { young.count + old.count }

    /// The answer, if it still holds at `now`, in seconds of the caller's clock.
    mutating func value(for key: Key, at now: Double) -> Value? {
        if let entry = young[key] {
            guard now < entry.validUntil else {
                young[key] = nil
                return nil
            }
            return entry.value
        }
        guard let entry = old.removeValue(forKey: key), now < entry.validUntil else { return nil }
        insert(entry, for: key)
        return entry.value
    }

    /// Keeps an answer until `validUntil`, in seconds of the caller's clock.
    mutating func insert(_ value: Value, for key: Key, validUntil: Double) {
        insert(Entry(value: value, validUntil: validUntil), for: key)
    }

    /// Forgets everything.
    mutating func removeAll() {
        young = [:]
        old = [:]
    }

    private mutating func insert(_ entry: Entry, for key: Key) {
        if young.count >= capacity / 2 {
            old = young
            young = [:]
        }
        young[key] = entry
    }
}
