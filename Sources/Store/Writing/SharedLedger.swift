import Foundation
import Synchronization

/// The ledger as many threads use it, and the bell of the thread that writes.
///
/// The lock is held for memory operations only, never for the disk.
final class SharedLedger: Sendable {
    /// What the writing thread is doing, as far as waking it goes.
    enum Writer: Sendable {
        /// No disk, or the thread has ended: nobody to wake.
        case absent
        /// Waits for a change.
        case asleep
        /// Has been woken, or will look again before it sleeps.
        case awake
        /// Waits a moment for more changes; somebody who waits for the disk ends that.
        case lingering
        /// The disk refuses: waits for the next attempt, whatever changes.
        case resting
    }

    struct State: Sendable {
        var ledger: Ledger
        var writer: Writer
        /// Called once the thread has ended, with what kept it from writing the last changes.
        var closers: [@Sendable (StorageFailure?) -> Void] = []
        var lastFailure: StorageFailure?
    }

    let state: Mutex<State>
    let bell = DispatchSemaphore(value: 0)

    init(_ contents: Contents, hasWriter: Bool) {
        state = Mutex(State(ledger: Ledger(contents), writer: hasWriter ? .asleep : .absent))
    }

    func read<Value: Sendable>(_ body: (Contents) -> Value) -> Value {
        state.withLock { body($0.ledger.contents) }
    }

    /// Changes memory at once; the disk follows.
    func change<Value: Sendable>(_ body: (inout Contents) -> Value) -> Value {
        state.withLock { state in
            let value = state.ledger.change(body)
            if !state.ledger.isClean { wake(&state, for: [.asleep]) }
            return value
        }
    }

    /// Changes memory and waits for the disk; if that refuses, nothing has changed.
    func commit<Value: Sendable>(
        _ body: (inout Contents) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let settlement = state.withLock { state in
                let settlement = state.ledger.commit(body) { continuation.resume(returning: $0) }
                if settlement == nil { wake(&state, for: [.asleep, .lingering]) }
                return settlement
            }
            settlement?()
        }
        return try result.get()
    }

    /// Waits until the disk has everything changed so far.
    func flush() async throws(StoreError) {
        let error: StoreError? = await withCheckedContinuation { continuation in
            let settlement = state.withLock { state in
                let settlement = state.ledger.flush { continuation.resume(returning: $0) }
                if settlement == nil { wake(&state, for: [.asleep, .lingering]) }
                return settlement
            }
            settlement?()
        }
        if let error { throw error }
    }

    /// Refuses changes from now on and has the thread write what is left and end.
    func requestClose() {
        state.withLock { state in
            state.ledger.close()
            wake(&state, for: [.asleep, .lingering, .resting])
        }
    }

    /// As ``requestClose()``, and waits for the thread's end.
    func close() async throws(StorageFailure) {
        let failure: StorageFailure? = await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.ledger.close()
                if state.writer == .absent { return true }
                state.closers.append { continuation.resume(returning: $0) }
                wake(&state, for: [.asleep, .lingering, .resting])
                return false
            }
            if hasEnded { continuation.resume(returning: state.withLock { $0.lastFailure }) }
        }
        if let failure { throw failure }
    }

    private func wake(_ state: inout State, for phases: [Writer]) {
        guard phases.contains(state.writer) else { return }
        state.writer = .awake
        bell.signal()
    }
}
