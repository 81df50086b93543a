/// The contents together with those who wait for the disk: which changes are allowed, and what becomes of them when a
/// batch has been written or has failed. A value without threads or files.
struct Ledger: Sendable {
    /// Somebody who waits for a change to be durable.
    private struct Waiter: Sendable {
        var revision: UInt64
        /// How the change is taken back if it cannot be written, oldest step first.
        var undo: [Contents.Undo]
        var settle: @Sendable (StoreError?) -> Void
    }

    /// What is to be run once the ledger's lock is free: continuations resume on other threads and may come back.
    typealias Settlement = @Sendable () -> Void

    private(set) var contents: Contents
    /// The last attempt to write failed with this; nil while all is well.
    private(set) var failure: StorageFailure?
    private(set) var isClosed = false
    private var waiters: [Waiter] = []
    private let maximumWaiters: Int

    init(_ contents: Contents, maximumWaiters: Int = 10_000) {
        self.contents = contents
        self.maximumWaiters = maximumWaiters
    }

    var hasWaiters: Bool { !waiters.isEmpty }
    var isClean: Bool { contents.changes?.isClean ?? true }

    /// Changes memory at once; the disk follows.
    mutating func change<Value>(_ body: (inout Contents) -> Value) -> Value {
        defer { _ = contents.takeUndo() }
        return body(&contents)
    }

    /// Changes memory and has `settle` called with the result when the disk has the change. If the disk does not take
    /// it, the change is taken back first.
    /// - Returns: what to run when the lock is free, if it is settled already.
    mutating func commit<Value: Sendable>(
        _ body: (inout Contents) throws(StoreError) -> Value,
        settle: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) -> Settlement? {
        if let refusal { return { settle(.failure(.unavailable(refusal))) } }
        do {
            let value = try body(&contents)
            return wait(undo: contents.takeUndo()) { error in settle(error.map(Result.failure) ?? .success(value)) }
        } catch {
            _ = contents.takeUndo()
            return { settle(.failure(error)) }
        }
    }

    /// Has `settle` called when the disk has everything changed so far, or refuses.
    mutating func flush(settle: @escaping @Sendable (StoreError?) -> Void) -> Settlement? {
        if let refusal { return { settle(.unavailable(refusal)) } }
        guard !isClean else { return { settle(nil) } }
        return wait(undo: [], settle: settle)
    }

    private mutating func wait(
        undo: [Contents.Undo], settle: @escaping @Sendable (StoreError?) -> Void
    ) -> Settlement? {
        guard let changes = contents.changes, changes.durableRevision < changes.lastRevision else {
            return { settle(nil) }
        }
        waiters.append(Waiter(revision: changes.lastRevision, undo: undo, settle: settle))
        return nil
    }

    /// Why no change can be made durable now.
    private var refusal: StorageFailure? {
        if isClosed { return StorageFailure(.closed, path: "") }
        if let failure { return failure }
        return waiters.count >= maximumWaiters ? StorageFailure(.overloaded, path: "") : nil
    }

    /// Refuses changes from now on.
    mutating func close() { isClosed = true }

    // MARK: - The writer's side

    /// All that the disk lacks, to be written in one transaction.
    mutating func takeBatch() -> [RowKey: ChangeLog<RowKey, Row>.Change] { contents.takeBatch() }

    /// The batch is on the disk.
    mutating func succeeded() -> [Settlement] {
        failure = nil
        contents.batchEnded(succeeded: true)
        let durable = contents.changes?.durableRevision ?? 0
        // Waiters stand in the order of their revisions.
        let count = waiters.firstIndex { $0.revision > durable } ?? waiters.count
        let settled = waiters.prefix(count).map(\.settle)
        waiters.removeFirst(count)
        return settled.map { settle in { settle(nil) } }
    }

    /// Nothing of the batch is on the disk. Everyone who waits is refused, and their changes are taken back, newest
    /// first, so that each finds what it had changed.
    mutating func failed(_ failure: StorageFailure) -> [Settlement] {
        self.failure = failure
        contents.batchEnded(succeeded: false)
        for waiter in waiters.reversed() {
            for step in waiter.undo.reversed() { contents.takeBack(step) }
        }
        let settled = waiters.map(\.settle)
        waiters = []
        return settled.map { settle in { settle(.unavailable(failure)) } }
    }
}
