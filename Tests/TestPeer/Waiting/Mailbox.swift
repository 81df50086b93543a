import Synchronization

/// Values that arrive on some thread and are waited for by tasks. A waiter may ask for the first value of a kind; the
/// others stay for the next.
package final class Mailbox<Value: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let wants: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value?, Never>
        var deadline: Task<Void, Never>?
    }

    private struct State {
        var values: [Value] = []
        var waiters: [Waiter] = []
        var lastID = 0
    }

    private let state = Mutex(State())

    /// An empty mailbox.
    package init() {}

    /// What has arrived and was not taken.
    package var values: [Value] { state.withLock { $0.values } }

    /// Hands `value` to the first waiter that wants it, or keeps it. From any thread.
    package func put(_ value: Value) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.wants(value) }) else {
                state.values.append(value)
                return nil
            }
            return state.waiters.remove(at: index)
        }
        waiter?.deadline?.cancel()
        waiter?.continuation.resume(returning: value)
    }

    /// Takes the first value that `wants` accepts, at once or as soon as it comes; nil when `patience` is over or the
    /// task is cancelled.
    package func next(
        within patience: Duration = Patience.standard, where wants: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) async -> Value? {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    if let index = state.values.firstIndex(where: wants) { return state.values.remove(at: index) }
                    state.waiters.append(Waiter(id: id, wants: wants, continuation: continuation))
                    return nil
                }
                if let value { return continuation.resume(returning: value) }
                setDeadline(patience, for: id)
                // A cancellation before the waiter was in place has found nobody to tell.
                if Task.isCancelled { expire(id) }
            }
        } onCancel: {
            expire(id)
        }
    }

    private func setDeadline(_ patience: Duration, for id: Int) {
        let deadline = Task { [weak self] in
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            self?.expire(id)
        }
        let stillWaiting = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return false }
            state.waiters[index].deadline = deadline
            return true
        }
        if !stillWaiting { deadline.cancel() }
    }

    private func expire(_ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.deadline?.cancel()
        waiter?.continuation.resume(returning: nil)
    }
}
