import Foundation
import Synchronization

/// The end of the program: how far it is, for the threads that bring it about and the one that waits for it.
final class Ended: Sendable {
    private struct State {
        var drain: Drain
        var status: Int32?
    }

    private let state: Mutex<State>
    private let over = DispatchSemaphore(value: 0)

    init(_ drain: Drain) { state = Mutex(State(drain: drain)) }

    /// A signal to end has come.
    func signalled() -> Drain.Reaction { state.withLock { $0.drain.signalled(at: .now) } }

    /// Another time holds for draining, unless that has begun.
    func set(deadline: Duration) {
        state.withLock { state in
            if state.drain.phase == .serving { state.drain = Drain(deadline: deadline) }
        }
    }

    /// How far it is now.
    var drain: Drain { state.withLock { $0.drain } }

    func finish(_ status: Int32) {
        state.withLock { $0.status = status }
        over.signal()
    }

    func wait() -> Int32 {
        over.wait()
        return state.withLock { $0.status } ?? 0
    }
}
