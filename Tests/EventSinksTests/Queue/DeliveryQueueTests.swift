import Testing

@testable import EventSinks

@Suite struct DeliveryQueueTests {
    @Test func sendsOneOrderOneByOne() {
        var driver = QueueDriver()
        let ids = (0..<5).map { _ in driver.accept() }
        for id in ids {
            #expect(driver.underWay == [id])
            driver.finish(id)
            #expect(driver.settled[id] == .delivered)
        }
        #expect(driver.started == ids)
        #expect(driver.isDrained)
    }

    @Test func sendsDifferentOrdersTogether() {
        var driver = QueueDriver()
        let ids = [
            driver.accept(subscription: "s1", session: "m1"), driver.accept(subscription: "s1", session: "m2"),
            driver.accept(subscription: "s2", session: "m1"), driver.accept(subscription: "s1", session: nil),
        ]
        #expect(driver.underWay == ids)
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func repeatsAFailureBeforeTheNextOfItsOrder() {
        var driver = QueueDriver()
        let (first, second) = (driver.accept(), driver.accept())
        driver.finish(first, .retry(after: nil))
        #expect(driver.underWay.isEmpty)
        // The first back-off is half a second at most.
        driver.pass(seconds: 1)
        #expect(driver.underWay == [first])
        driver.finish(first)
        driver.finish(second)
        #expect(driver.started == [first, first, second])
        #expect(driver.isDrained)
    }

    @Test func givesThePlaceBackOfWhatCannotBeginYet() {
        var driver = QueueDriver {
            $0.inFlight = 2
            $0.inFlightPerHost = 2
        }
        let parked = (1...20).map { driver.accept(subscription: "d\($0)", sink: "https://dead\($0)/") }
        // Each of them is started, and gives its place back.
        for id in parked {
            #expect(driver.underWay.contains(id))
            driver.park(id, seconds: 10)
        }
        #expect(driver.underWay.isEmpty && driver.queue.inFlight == 0)
        let good = driver.accept(subscription: "g", sink: "https://good/")
        #expect(driver.underWay == [good])
        driver.finish(good)
        // Another of the same order stays behind it.
        let next = driver.accept(subscription: "d1", sink: "https://dead1/")
        #expect(driver.underWay.isEmpty)
        driver.resume(parked[0])
        driver.resume(parked[0])
        driver.resume(99)
        #expect(driver.underWay == [parked[0]])
        driver.finish(parked[0])
        #expect(driver.underWay == [next])
        driver.finish(next)
        // Who is not resumed is started anew when the time is over.
        driver.pass(seconds: 9)
        #expect(driver.underWay.isEmpty)
        driver.pass(seconds: 2)
        #expect(driver.underWay.count == 2 && Set(driver.underWay).isSubset(of: parked[1...]))
        driver.deliverAll()
        #expect(driver.isDrained)
        #expect(driver.sinkChanges.isEmpty)
    }

    @Test func parksAProbeWithoutAWordOnTheSinksHealth() {
        var driver = QueueDriver { $0.probes = 1 }
        let id = driver.accept()
        for _ in 0..<5 {
            driver.finish(id, .retry(after: nil))
            driver.pass(seconds: 60)
        }
        #expect(driver.sinkChanges == ["https://a/1 down"])
        #expect(driver.underWay == [id] && driver.queue.probes == 1)
        driver.park(id, seconds: 10)
        #expect(driver.queue.probes == 0)
        driver.resume(id)
        #expect(driver.underWay == [id] && driver.queue.probes == 1)
        driver.finish(id)
        #expect(driver.sinkChanges == ["https://a/1 down", "https://a/1 up"])
        #expect(driver.isDrained)
    }

    @Test func dropsWhatIsParkedWithItsSubscription() {
        var driver = QueueDriver()
        let parked = driver.accept()
        driver.park(parked, seconds: 10)
        driver.cancel("s1")
        #expect(driver.settled[parked] == .dropped(.subscriptionEnded))
        driver.resume(parked)
        let late = driver.accept()
        driver.cancel("s1")
        driver.park(late, seconds: 10)
        #expect(driver.settled[late] == .dropped(.subscriptionEnded))
        #expect(driver.underWay.isEmpty && driver.isDrained)
    }

    @Test func waitsAsLongAsTheSinkAsks() {
        var driver = QueueDriver()
        let id = driver.accept()
        let other = driver.accept(session: "m2")
        driver.finish(id, .retry(after: 30 * QueueDriver.second))
        driver.finish(other)
        // The pause holds for the whole sink, but it is not down.
        let third = driver.accept(session: "m3")
        driver.pass(seconds: 29)
        #expect(driver.underWay.isEmpty)
        driver.pass(seconds: 2)
        driver.deliverAll()
        #expect(Set(driver.started.suffix(2)) == [id, third])
        #expect(driver.sinkChanges.isEmpty)
        #expect(driver.isDrained)
    }

    @Test func goesOnAfterAnEventThatIsNotTaken() {
        var driver = QueueDriver()
        let (first, second) = (driver.accept(), driver.accept())
        driver.finish(first, .drop(.rejected, isAnswer: true))
        #expect(driver.settled[first] == .dropped(.rejected))
        #expect(driver.underWay == [second])
    }
}
