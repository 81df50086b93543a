import Foundation

/// The one thread that writes: takes all that has changed, writes it in one transaction, and tells those who wait.
///
/// While one batch is being written the next one gathers, so that a busy store writes large batches without being told
/// to. It lives until the ledger is closed.
final class JournalThread: @unchecked Sendable {
    // Unchecked: after `start` nobody but the thread touches the journal.
    private let ledger: SharedLedger
    private let journal: any Journal
    private let options: StoreOptions

    init(ledger: SharedLedger, journal: any Journal, options: StoreOptions) {
        self.ledger = ledger
        self.journal = journal
        self.options = options
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "store"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func run() {
        while true {
            pause()
            let isLast = attempt()
            if isLast { break }
        }
        journal.close()
        let (closers, failure) = ledger.state.withLock { state in
            state.writer = .absent
            state.lastFailure = state.ledger.failure
            defer { state.closers = [] }
            return (state.closers, state.lastFailure)
        }
        for closer in closers { closer(failure) }
    }

    /// Waits until there is something to do.
    private func pause() {
        let phase = ledger.state.withLock { $0.writer }
        if phase == .resting {
            _ = ledger.bell.wait(timeout: .now() + options.retry.dispatchInterval)
            return
        }
        ledger.bell.wait()
        // An event is often delivered, and so gone again, before this ends: then the disk never hears of it.
        let lingers = ledger.state.withLock { state in
            let lingers = !state.ledger.hasWaiters && !state.ledger.isClosed && state.ledger.failure == nil
            state.writer = lingers ? .lingering : .awake
            return lingers
        }
        if lingers { _ = ledger.bell.wait(timeout: .now() + options.coalescing.dispatchInterval) }
    }

    /// Writes one batch, if there is one.
    /// - Returns: whether it was the last, because the store is closed.
    private func attempt() -> Bool {
        let (batch, wasFailing, isClosed) = ledger.state.withLock { state in
            state.writer = .awake
            return (state.ledger.takeBatch(), state.ledger.failure != nil, state.ledger.isClosed)
        }
        let changes = batch.sorted { $0.value.revision < $1.value.revision }.map { (key: $0.key, row: $0.value.row) }
        do throws(StorageFailure) {
            if !changes.isEmpty {
                try journal.write(changes)
            } else if wasFailing {
                try journal.probe()
            }
            settle { state in
                let settlements = state.ledger.succeeded()
                // What came meanwhile is the next batch. A closed store takes no more, but may have taken some just now.
                if !state.ledger.isClean || state.ledger.hasWaiters || (state.ledger.isClosed && !isClosed) {
                    ledger.bell.signal()
                } else {
                    state.writer = .asleep
                }
                return settlements
            }
            if wasFailing { options.report(.recovered) }
            return isClosed && ledger.state.withLock { $0.ledger.isClean }
        } catch {
            settle { state in
                state.writer = .resting
                return state.ledger.failed(error)
            }
            if !wasFailing { options.report(.degraded(error)) }
            return isClosed
        }
    }

    /// Changes the state and then, without the lock, resumes those whose waiting has ended.
    private func settle(_ body: (inout SharedLedger.State) -> [Ledger.Settlement]) {
        for settlement in ledger.state.withLock({ body(&$0) }) { settlement() }
    }
}

extension Duration {
    /// For a semaphore's time limit; negative ones are zero.
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return .nanoseconds(0) }
        return .nanoseconds(Int(min(seconds, 1_000_000)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
