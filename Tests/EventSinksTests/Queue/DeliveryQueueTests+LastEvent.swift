import Testing

@testable import EventSinks

/// The end of a subscription.
extension DeliveryQueueTests {
    @Test func dropsTheRestOfASubscriptionThatIsGone() {
        for (verdict, settlement) in [
            (Verdict.subscriptionGone, QueueDriver.Queue.Settlement.subscriptionGone),
            (.credentialExpired, .credentialExpired),
        ] {
            var driver = QueueDriver()
            let first = driver.accept(session: "m1")
            let second = driver.accept(session: "m1")
            let underWay = driver.accept(session: "m2")
            let behind = driver.accept(session: "m2")
            let held = driver.accept(session: nil, isLast: true)
            let foreign = driver.accept(subscription: "s2", session: "m1")
            driver.finish(first, verdict)
            #expect(driver.settled[first] == settlement)
            for id in [second, behind] { #expect(driver.settled[id] == .dropped(.subscriptionEnded)) }
            // 410 wants nothing more; where a token has expired, the end is still tried.
            #expect(driver.settled[held] == (settlement == .subscriptionGone ? .dropped(.subscriptionEnded) : nil))
            // An attempt cannot be taken back, but it is not repeated.
            #expect(driver.underWay == [underWay, foreign])
            driver.finish(underWay, .retry(after: nil))
            #expect(driver.settled[underWay] == .dropped(.subscriptionEnded))
            driver.finish(foreign)
            #expect(driver.settled[foreign] == .delivered)
            driver.deliverAll()
            #expect(driver.isDrained)
        }
    }

    @Test func sendsTheLastEventBehindAllOthers() {
        var driver = QueueDriver()
        let first = driver.accept(session: "m1")
        let second = driver.accept(session: "m2")
        let last = driver.accept(session: nil, isLast: true)
        let late = driver.accept(session: "m3")
        #expect(driver.settled == [late: .dropped(.subscriptionEnded)])
        driver.finish(second)
        #expect(driver.underWay == [first])
        driver.finish(first, .retry(after: nil))
        driver.pass(seconds: 1)
        #expect(driver.underWay == [first])
        driver.finish(first)
        #expect(driver.underWay == [last])
        driver.finish(last)
        #expect(driver.isDrained)
    }

    @Test func sendsALastEventAtOnceIfNothingIsBefore() {
        var driver = QueueDriver()
        let last = driver.accept(session: nil, isLast: true)
        #expect(driver.underWay == [last])
    }

    @Test func givesUpEverythingWithTheLastEvent() {
        var driver = QueueDriver()
        let first = driver.accept(session: "m1", bound: 3_600)
        let second = driver.accept(session: "m2", bound: 3_600)
        let soon = driver.accept(session: "m3", bound: 30)
        let other = driver.accept(subscription: "s2", bound: 3_600)
        let last = driver.accept(session: nil, bound: 60, isLast: true)
        for id in [first, second, soon, other] { driver.finish(id, .retry(after: 100 * QueueDriver.second)) }
        // The pauses would end after the bound.
        #expect([first, second, soon].allSatisfy { driver.settled[$0] == .dropped(.expired) })
        #expect(driver.settled[last] == nil)
        driver.pass(seconds: 61)
        #expect(driver.settled[last] == .dropped(.expired))
        #expect(driver.settled[other] == nil)
    }

    @Test func triesTheLastEventThoughTheTokenHasExpired() {
        var driver = QueueDriver()
        let first = driver.accept(session: "m1")
        let second = driver.accept(session: "m2")
        let waiting = driver.accept(session: "m2")
        let last = driver.accept(session: nil, isLast: true)
        driver.finish(first, .credentialExpired)
        #expect(driver.settled[waiting] == .dropped(.subscriptionEnded))
        #expect(driver.settled[last] == nil)
        driver.finish(second, .credentialExpired)
        #expect(driver.underWay == [last])
        driver.finish(last, .drop(.rejected, isAnswer: true))
        #expect(driver.isDrained)
    }

    @Test func sendsALastEventAfterACancel() {
        var driver = QueueDriver()
        let underWay = driver.accept()
        let waiting = driver.accept()
        driver.cancel("s1")
        let last = driver.accept(session: nil, isLast: true)
        #expect(driver.settled == [waiting: .dropped(.subscriptionEnded)])
        driver.finish(underWay)
        #expect(driver.underWay == [last])
        driver.finish(last)
        #expect(driver.isDrained)
    }
}
