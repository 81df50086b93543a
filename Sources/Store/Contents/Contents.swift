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
        for (key, row) in loaded { apply(key, row) }
        changes = ChangeLog(stored: Set(loaded.map(\.0)))
    }

    subscript(key: RowKey) -> Row? {
        switch key {
        case .registration(let id): registrations[id].map(Row.registration)
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

    private mutating func apply(_ key: RowKey, _ row: Row?) {
        switch (key, row) {
        case (.registration(let id), .registration(let value)): registrations.set(id, to: value)
        case (.registration(let id), nil): registrations.set(id, to: nil)
        }
    }
}
