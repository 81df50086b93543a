import CSofiaSIP
import Foundation

/// Ends the wait of a SIP thread's loop, from any thread. It has a descriptor of its own, so that it may be used by
/// another thread while the agent is being destroyed.
package final class Waker: Sendable {
    private let descriptor: Int32

    /// On the agent's thread. Nil if no descriptor is left.
    package init?(agent: OpaquePointer) {
        descriptor = csip_agent_waker(agent)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    func wake() { csip_wake(descriptor) }
}
