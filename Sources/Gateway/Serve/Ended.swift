import Foundation
import Synchronization

/// How far the end of the program is: not begun, draining, hurried, over.
final class Ended: Sendable {
    private struct State {
        var isDraining = false
        var isHurried = false
        var status: Int32?
    }

    private let state = Mutex(State())
    private let over = DispatchSemaphore(value: 0)

    /// True for the first caller.
    func beginDraining() -> Bool {
        state.withLock { state in
            defer { state.isDraining = true }
            return !state.isDraining
        }
    }

    /// Live calls are not waited for any longer.
    func hurry() { state.withLock { $0.isHurried = true } }

    var isHurried: Bool { state.withLock { $0.isHurried } }

    func finish(_ status: Int32) {
        state.withLock { $0.status = status }
        over.signal()
    }

    func wait() -> Int32 {
        over.wait()
        return state.withLock { $0.status } ?? 0
    }
}
