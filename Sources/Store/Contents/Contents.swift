import CallCore

/// Everything a store holds, in memory: the entries, their limits, and what the disk does not have yet.
///
/// All changes go through ``set(_:to:)``, so that none is missed by the journal or by an undo.
struct Contents: Sendable {
    /// How one change is taken back.
    struct Undo: Sendable {
        var key: RowKey
        /// The change itself.
        var row: Row?
        var revision: UInt64
        /// What was there before, and the change that had made it.
        var previousRow: Row?
        var previousRevision: UInt64
    }

    let limits: StoreLimits
    private(set) var registrations = RegistrationTable()
    private(set) var subscriptions = SubscriptionTable()
    private(set) var undelivered = UndeliveredTable()
    /// The calls that an earlier run has left. Those of this run are only written, never read.
    private(set) var leftCalls: [StoredCall] = []
    /// What registrations and subscriptions take.
    private(set) var bytes = 0
    private var bytesByOwner = Tally<SessionOwner>()
    private var bytesByClient = Tally<String>()
    /// Nil where nothing is written.
    private(set) var changes: ChangeLog<RowKey, Row>?
    /// The changes since the list was taken last, oldest first.
    private var undo: [Undo] = []

    /// Starts empty, without a disk.
    init(limits: StoreLimits) {
        self.limits = limits
    }

    /// Starts with what was read from a disk, and writes to it from now on.
    init(limits: StoreLimits, loaded: [(RowKey, Row)]) {
        self.limits = limits
        for (key, row) in loaded {
            if case .call(let call) = row { leftCalls.append(call) } else { apply(key, row) }
        }
        changes = ChangeLog(stored: Set(loaded.map(\.0)))
    }

    subscript(key: RowKey) -> Row? {
        switch key {
        case .registration(let id): registrations[id].map(Row.registration)
        case .subscription(let id): subscriptions[id].map(Row.subscription)
        case .undelivered(let position): undelivered[position].map(Row.undelivered)
        case .call: nil
        }
    }

    /// Makes `row` the entry of `key`; nil takes it out.
    mutating func set(_ key: RowKey, to row: Row?) {
        guard changes != nil else { return apply(key, row) }
        let previousRow = self[key]
        let previousRevision = changes?.revision(of: key) ?? 0
        apply(key, row)
        changes?.record(key, row)
        undo.append(
            Undo(
                key: key, row: row, revision: changes?.lastRevision ?? 0, previousRow: previousRow,
                previousRevision: previousRevision))
    }

    /// What an earlier run has left, once.
    mutating func takeLeftCalls() -> [StoredCall] {
        defer { leftCalls = [] }
        return leftCalls
    }

    /// The changes since the last call, oldest first.
    mutating func takeUndo() -> [Undo] {
        defer { undo.removeAll(keepingCapacity: true) }
        return undo
    }

    /// Takes one change back, unless a newer one of the same entry stands.
    mutating func takeBack(_ step: Undo) {
        let revision = changes?.revision(of: step.key) ?? 0
        // A removal of what never reached the disk leaves no trace in the log.
        let isRemoval = step.row == nil && revision == 0 && self[step.key] == nil
        guard revision == step.revision || isRemoval else { return }
        apply(step.key, step.previousRow)
        changes?.restore(step.key, step.previousRow, revision: step.previousRevision)
    }

    /// Takes what the disk lacks, as the batch to write.
    mutating func takeBatch() -> [RowKey: ChangeLog<RowKey, Row>.Change] { changes?.takeBatch() ?? [:] }

    /// Notes what became of the batch.
    mutating func batchEnded(succeeded: Bool) {
        if succeeded { changes?.batchSucceeded() } else { changes?.batchFailed() }
    }

    /// Whether a client that has `used` of something may have more: only while that is less than what is free of it, which
    /// `total` of `limit` is not.
    func checkShare(used: Int, total: Int, limit: Int) throws(StoreError) {
        guard used < limit - total else { throw .limitReached(.clientShare) }
    }

    /// The same for the bytes.
    func checkShareOfBytes(of client: String) throws(StoreError) {
        try checkShare(used: bytesByClient[client], total: bytes, limit: limits.bytes)
    }

    /// Whether there is room for `row`; `old` makes way for it.
    func checkRoom(for row: Row, inPlaceOf old: Row? = nil) throws(StoreError) {
        let needed = Footprint.bytes(of: row)
        let freed = old.map(Footprint.bytes(of:)) ?? 0
        guard bytes - freed + needed <= limits.bytes else { throw .limitReached(.bytes) }
        guard let owner = row.owner else { return }
        let freedOfOwner = old?.owner == owner ? freed : 0
        guard bytesByOwner[owner] - freedOfOwner + needed <= limits.bytesPerOwner else {
            throw .limitReached(.bytesPerOwner)
        }
    }

    private mutating func apply(_ key: RowKey, _ row: Row?) {
        switch (key, row) {
        case (.registration(let id), .registration(let value)):
            count(old: self[key], new: row)
            registrations.set(id, to: value)
        case (.subscription(let id), .subscription(let value)):
            count(old: self[key], new: row)
            subscriptions.set(id, to: value)
        case (.undelivered(let position), .undelivered(let value)): undelivered.set(position, to: value)
        case (.call, _): break
        // A row of another kind than its key cannot be made: the key is taken out, as with none.
        case (.registration(let id), _):
            count(old: self[key], new: nil)
            registrations.set(id, to: nil)
        case (.subscription(let id), _):
            count(old: self[key], new: nil)
            subscriptions.set(id, to: nil)
        case (.undelivered(let position), _): undelivered.set(position, to: nil)
        }
    }

    private mutating func count(old: Row?, new: Row?) {
        count(old, sign: -1)
        count(new, sign: 1)
    }

    private mutating func count(_ row: Row?, sign: Int) {
        guard let row else { return }
        let change = sign * Footprint.bytes(of: row)
        bytes += change
        guard let owner = row.owner else { return }
        bytesByOwner.add(change, to: owner)
        bytesByClient.add(change, to: owner.client)
    }
}
