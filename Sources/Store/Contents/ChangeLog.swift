/// What memory holds and the disk does not yet: the newest value of each changed key, not a history of changes.
///
/// So it is bounded by what the store may hold, however long the disk is full or slow; an entry that came and went
/// before it was written costs nothing; and a batch that failed is simply what still has to be written. All that is
/// pending goes into one transaction, so that the disk always holds a state that memory once had.
struct ChangeLog<Key: Hashable & Sendable, Row: Sendable>: Sendable {
    /// A value to be written; nil removes the key.
    struct Change: Sendable {
        var row: Row?
        /// Which change of the store this is, counted from 1.
        var revision: UInt64
    }

    private(set) var pending: [Key: Change] = [:]
    private(set) var inFlight: [Key: Change] = [:]
    /// The keys that are on the disk for certain.
    private var stored: Set<Key>
    private(set) var lastRevision: UInt64 = 0
    /// The last revision that was made when the batch in flight was taken.
    private var batchRevision: UInt64 = 0
    /// Every change up to here is on the disk.
    private(set) var durableRevision: UInt64 = 0

    /// Starts with what was read from the disk.
    init(stored: Set<Key> = []) { self.stored = stored }

    /// Whether the disk has everything.
    var isClean: Bool { pending.isEmpty && inFlight.isEmpty }

    /// The keys whose newest value the disk does not have. One that is being written and has changed again is one.
    var unwritten: Int { pending.count + inFlight.keys.count { pending[$0] == nil } }

    /// The revision of the newest change of `key` that is not on the disk; 0 if it has none.
    func revision(of key: Key) -> UInt64 { (pending[key] ?? inFlight[key])?.revision ?? 0 }

    /// Notes that `key` now has the value `row`.
    mutating func record(_ key: Key, _ row: Row?) {
        lastRevision += 1
        put(key, Change(row: row, revision: lastRevision))
    }

    /// Notes that `key` is back at a value it had before, made by the change numbered `revision`.
    mutating func restore(_ key: Key, _ row: Row?, revision: UInt64) {
        put(key, Change(row: row, revision: revision))
    }

    private mutating func put(_ key: Key, _ change: Change) {
        if change.row == nil, !mayBeStored(key) {
            pending[key] = nil
        } else {
            pending[key] = change
        }
    }

    /// Whether the disk has the key when the batch in flight, if any, has been written.
    private func mayBeStored(_ key: Key) -> Bool {
        if let change = inFlight[key] { return change.row != nil }
        return stored.contains(key)
    }

    /// Takes all that is pending, to be written in one transaction. One batch at a time.
    mutating func takeBatch() -> [Key: Change] {
        swap(&inFlight, &pending)
        batchRevision = lastRevision
        return inFlight
    }

    /// The batch is on the disk.
    mutating func batchSucceeded() {
        for (key, change) in inFlight {
            if change.row == nil { stored.remove(key) } else { stored.insert(key) }
        }
        inFlight = [:]
        durableRevision = pending.isEmpty ? lastRevision : batchRevision
    }

    /// Nothing of the batch is on the disk: what no newer change replaces is pending again.
    mutating func batchFailed() {
        let batch = inFlight
        inFlight = [:]
        for (key, change) in batch {
            if let newer = pending[key] {
                // A removal of what never got there is no work.
                if newer.row == nil, !stored.contains(key) { pending[key] = nil }
            } else if change.row != nil || stored.contains(key) {
                pending[key] = change
            }
        }
    }
}
