import Testing

@testable import EventSinks

/// Bounds in number.
extension DeliveryQueueTests {
    @Test func givesUpTheOldestOfTheWorstSink() {
        var driver = QueueDriver { $0.pending = 6 }
        let good = driver.accept(subscription: "good", sink: "https://good/")
        let bad = (0..<5).map { _ in driver.accept(subscription: "bad", sink: "https://bad/") }
        let newest = driver.accept(subscription: "good", session: "m2", sink: "https://good/")
        // Not the first: that one is under way.
        #expect(driver.settled == [bad[1]: .dropped(.overflow)])
        #expect(driver.underWay == [good, bad[0], newest])
        driver.deliverAll()
        #expect(driver.started.filter(bad.contains) == [bad[0], bad[2], bad[3], bad[4]])
        #expect(driver.isDrained)
    }

    @Test func keepsTheEndOfACallUnderPressure() {
        var driver = QueueDriver { $0.pending = 3 }
        let ids = (0..<10).map { _ in driver.accept() }
        #expect(driver.settled.count == 7)
        driver.deliverAll()
        #expect(driver.started == [ids[0], ids[8], ids[9]])
    }

    @Test func givesUpAnEventThatWaitsForItsRetry() {
        var driver = QueueDriver { $0.pending = 2 }
        let (first, second) = (driver.accept(), driver.accept())
        driver.finish(first, .retry(after: nil))
        let third = driver.accept()
        #expect(driver.settled == [first: .dropped(.overflow)])
        // The wait was the first one's.
        #expect(driver.underWay == [second])
        driver.deliverAll()
        #expect(driver.settled[third] == .delivered)
        #expect(driver.isDrained)
    }

    /// The only event there is failed, or its host is not known yet: it waits, and can make room for a newer one.
    @Test(arguments: [false, true]) func givesUpTheOnlyEventThatWaits(isParked: Bool) {
        var driver = QueueDriver { $0.pending = 1 }
        let first = driver.accept()
        if isParked { driver.park(first, seconds: 9) } else { driver.finish(first, .retry(after: nil)) }
        let second = driver.accept()
        #expect(driver.settled == [first: .dropped(.overflow)])
        driver.deliverAll()
        #expect(driver.settled[second] == .delivered)
        #expect(driver.isDrained)
    }

    @Test func refusesWhatIsNewIfAllIsUnderWay() {
        var driver = QueueDriver { $0.pending = 2 }
        driver.accept(session: "m1")
        driver.accept(session: "m2")
        let third = driver.accept(session: "m3")
        #expect(driver.settled == [third: .dropped(.overflow)])
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func boundsBytes() {
        var driver = QueueDriver { $0.pendingBytes = 10_000 }
        let first = driver.accept(size: 4_000)
        let second = driver.accept(size: 4_000)
        let third = driver.accept(size: 4_000)
        #expect(driver.settled == [second: .dropped(.overflow)])
        let tooLarge = driver.accept(size: 10_001)
        #expect(driver.settled[tooLarge] == .dropped(.overflow))
        driver.deliverAll()
        #expect(driver.settled[first] == .delivered)
        #expect(driver.settled[third] == .delivered)
        #expect(driver.isDrained)
    }

    /// Who has a sink for each subscription is not better off than who has one for all.
    @Test(arguments: [false, true]) func givesUpTheWorstHostsHoweverManyItsSinks(isShortOfBytes: Bool) {
        var driver = QueueDriver {
            if isShortOfBytes { $0.pendingBytes = 13_000 } else { $0.pending = 13 }
        }
        var waiting: [UInt64] = []
        for number in 0..<5 {
            for isSecond in [false, true] {
                let id = driver.accept(
                    subscription: "many\(number)", sink: "https://many/\(number)", host: "many:443")
                if isSecond { waiting.append(id) }
            }
        }
        let good = (0..<3).map { _ in
            driver.accept(subscription: "good", sink: "https://good/", host: "good:443")
        }
        #expect(driver.settled.isEmpty)
        let newest = driver.accept(subscription: "good", session: "m2", sink: "https://good/", host: "good:443")
        #expect(driver.settled.count == 1)
        #expect(driver.settled.allSatisfy { waiting.contains($0.key) && $0.value == .dropped(.overflow) })
        driver.deliverAll()
        for id in good + [newest] { #expect(driver.settled[id] == .delivered) }
        #expect(driver.isDrained)
    }

    /// Where bytes are short, it is the sink with the most bytes that gives way, however few its events.
    @Test func givesUpTheLargestNotTheMost() {
        var driver = QueueDriver { $0.pendingBytes = 100_000 }
        let large = (0..<3).map { _ in driver.accept(subscription: "large", sink: "https://large/", size: 30_000) }
        let small = (0..<9).map { _ in driver.accept(subscription: "small", sink: "https://small/", size: 1_000) }
        let newest = driver.accept(subscription: "other", sink: "https://other/", size: 2_000)
        #expect(driver.settled == [large[1]: .dropped(.overflow)])
        driver.deliverAll()
        for id in small + [large[0], large[2], newest] { #expect(driver.settled[id] == .delivered) }
        #expect(driver.isDrained)
    }

    /// Many sinks with one event each are equal; those whose event is under way have none to give.
    @Test func givesUpWhatWaits() {
        var driver = QueueDriver {
            $0.pending = 5
            $0.inFlight = 3
        }
        let ids = (0..<6).map { driver.accept(subscription: "s\($0)", sink: "https://s\($0)/") }
        #expect(driver.underWay == Array(ids[..<3]))
        #expect(driver.settled.count == 1)
        #expect(driver.settled[ids[3]] != nil || driver.settled[ids[4]] != nil)
        // What failed waits again.
        driver.finish(ids[0], .retry(after: nil))
        driver.accept(subscription: "s7", sink: "https://s7/")
        #expect(driver.settled.count == 2)
        driver.pass(seconds: 1)
        driver.deliverAll()
        driver.pass(seconds: 1)
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func boundsASubscription() {
        var driver = QueueDriver { $0.pendingPerSubscription = 3 }
        let first = driver.accept(session: "m1")
        let second = driver.accept(session: "m1")
        driver.accept(session: "m2")
        driver.accept(session: "m2")
        #expect(driver.settled == [second: .dropped(.subscriptionOverflow)])
        driver.accept(subscription: "s2")
        #expect(driver.settled.count == 1)
        driver.deliverAll()
        #expect(driver.settled[first] == .delivered)
        #expect(driver.isDrained)
    }
}
