import CallCore
import Foundation
import Synchronization

/// The store of a gateway that runs as a single node: all of it in memory, and on disk as well if it has a file.
///
/// Memory is what counts while the process lives; the file is what the next process starts from.
final class NodeStore: Store {
    let shared: SharedLedger
    let clock: @Sendable () -> Date
    let undeliveredRefused = Atomic(0)

    /// A store in memory alone: nothing waits, and nothing is left when the process ends.
    init(options: StoreOptions = StoreOptions()) {
        shared = SharedLedger(Contents(limits: options.limits), hasWriter: false)
        clock = options.clock
    }

    /// A store on the SQLite database at `path`, which is created if there is none.
    /// - Throws: why the file cannot be used, with what to do about it.
    convenience init(sqlite path: String, options: StoreOptions = StoreOptions()) throws(StorageFailure) {
        let (journal, loaded) = try SQLiteJournal.open(path, busyTimeout: options.busyTimeout)
        self.init(journal: journal, loaded: loaded, options: options)
    }

    /// A store that starts with `loaded`, which is what `journal` has.
    init(journal: any Journal, loaded: [(RowKey, Row)], options: StoreOptions) {
        shared = SharedLedger(Contents(limits: options.limits, loaded: loaded), hasWriter: true)
        clock = options.clock
        JournalThread(ledger: shared, journal: journal, options: options).start()
    }

    /// The thread holds the ledger, not the store: one that is let go without ``close()`` still writes what is left.
    deinit { shared.requestClose() }

    func flush() async throws(StoreError) { try await shared.flush() }

    func close() async throws(StorageFailure) { try await shared.close() }

    func statistics() -> StoreStatistics {
        shared.state.withLock { state in
            var result = StoreStatistics()
            let contents = state.ledger.contents
            result.registrations = contents.registrations.all.count
            result.subscriptions = contents.subscriptions.all.count
            result.undelivered = contents.undelivered.deliveries.count
            result.undeliveredRefused = undeliveredRefused.load(ordering: .relaxed)
            result.bytes = contents.bytes + contents.undelivered.bytes
            result.unwrittenEntries = contents.changes?.unwritten ?? 0
            result.failure = state.ledger.failure
            return result
        }
    }
}
