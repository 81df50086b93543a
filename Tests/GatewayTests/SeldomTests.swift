import Synchronization
import Testing

@testable import Gateway

@Suite struct SeldomTests {
    private final class Clock: Sendable {
        private let time = Atomic<UInt64>(5_000_000_000)
        var now: UInt64 { time.load(ordering: .relaxed) }
        func advance(by duration: Duration) {
            time.add(UInt64(duration / .nanoseconds(1)), ordering: .relaxed)
        }
    }

    @Test func tellsTheFirstAndThenOneInEachInterval() {
        let clock = Clock()
        let seldom = Seldom(every: .seconds(10), clock: { clock.now })
        #expect(seldom.isDue())
        #expect(!seldom.isDue())
        clock.advance(by: .milliseconds(9_999))
        #expect(!seldom.isDue())
        clock.advance(by: .milliseconds(1))
        #expect(seldom.isDue())
        #expect(!seldom.isDue())
    }
}
