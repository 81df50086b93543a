import Testing

@testable import EventSinks

/// Bounds in time.
extension DeliveryQueueTests {
    @Test func givesUpAtTheBound() {
        var driver = QueueDriver()
        let id = driver.accept(bound: 10)
        for _ in 0..<50 where driver.settled.isEmpty {
            if driver.underWay == [id] { driver.finish(id, .retry(after: nil)) }
            driver.pass(seconds: 1)
        }
        #expect(driver.settled[id] == .dropped(.expired))
        #expect(driver.started.count >= 4)
        #expect(driver.isDrained)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func triesOnceMoreRightBeforeTheBound(seed: UInt64) {
        var driver = QueueDriver(seed: seed) { $0.health.threshold = .max }
        let bound = driver.now + 60 * QueueDriver.second
        let id = driver.accept(bound: 60)
        var last: UInt64 = 0
        while driver.settled.isEmpty {
            if driver.underWay == [id] {
                last = driver.now
                driver.finish(id, .retry(after: nil))
            }
            driver.pass(seconds: 1)
        }
        #expect(driver.settled[id] == .dropped(.expired))
        #expect(last + 2 * QueueDriver.second >= bound && last < bound)
        #expect(driver.isDrained)
    }

    @Test func takesNothingThatIsLate() {
        var driver = QueueDriver()
        let id = driver.accept(bound: 0)
        #expect(driver.settled[id] == .dropped(.expired))
        #expect(driver.started.isEmpty)
        #expect(driver.queue.sinks.count == 0)
    }

    @Test func doesNotWaitForAPauseBeyondTheBound() {
        var driver = QueueDriver()
        let id = driver.accept(bound: 10)
        driver.finish(id, .retry(after: 20 * QueueDriver.second))
        #expect(driver.settled[id] == .dropped(.expired))
    }

    @Test func letsTheNewestBoundHoldForItsOrder() {
        var driver = QueueDriver()
        let early = driver.accept(bound: 3_600)
        driver.finish(early, .retry(after: 1_000 * QueueDriver.second))
        // The session has ended: a minute is left for all its events.
        let last = driver.accept(bound: 60)
        driver.pass(seconds: 59)
        #expect(driver.settled.isEmpty)
        driver.pass(seconds: 3)
        #expect(driver.settled == [early: .dropped(.expired), last: .dropped(.expired)])
        #expect(driver.isDrained)
    }

    @Test func leavesWhatIsUnderWayAtTheBound() {
        var driver = QueueDriver()
        let (first, second) = (driver.accept(bound: 5), driver.accept(bound: 5))
        driver.pass(seconds: 10)
        #expect(driver.settled == [second: .dropped(.expired)])
        driver.finish(first)
        #expect(driver.settled[first] == .delivered)
        #expect(driver.isDrained)
    }
}
