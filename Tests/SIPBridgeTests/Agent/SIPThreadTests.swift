import Synchronization
import Testing

@testable import SIPBridge

/// The SIP side's executor after its end.
@Suite struct SIPThreadTests {
    /// A job holds its actor, and nobody else may: the executor goes with it.
    @Test func theExecutorOutlivesTheWorkThatLetsItGo() {
        let thread = Unmanaged.passRetained(SIPThread())
        thread._withUnsafeGuaranteedRef { $0.end() }
        weak let watched = thread.takeUnretainedValue()
        let isThere = Atomic(false)
        thread._withUnsafeGuaranteedRef {
            $0.post {
                thread.release()
                isThere.store(watched != nil, ordering: .relaxed)
            }
        }
        let wasThere = isThere.load(ordering: .relaxed)
        #expect(wasThere)
        #expect(watched == nil)
    }
}
