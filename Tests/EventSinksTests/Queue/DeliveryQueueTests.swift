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

    // MARK: - Bounds in time

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

    // MARK: - The end of a subscription

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

    // MARK: - Bounds in number

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

    // MARK: - Sinks that fail

    @Test func startsSmallAndGrows() {
        var driver = QueueDriver { $0.health.maximumWindow = 12 }
        for index in 0..<40 { driver.accept(session: "m\(index)") }
        #expect(driver.underWay.count == 8)
        for _ in 0..<4 { driver.finish(driver.underWay[0]) }
        #expect(driver.underWay.count == 12)
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func leavesADeadSinkAloneAndServesOthers() {
        var driver = QueueDriver()
        for index in 0..<20 { driver.accept(subscription: "bad", session: "m\(index)", sink: "https://bad/") }
        while let id = driver.underWay.first { driver.finish(id, .retry(after: nil)) }
        #expect(driver.sinkChanges == ["https://bad/ down"])
        let good = driver.accept(subscription: "good", sink: "https://good/")
        #expect(driver.underWay == [good])
        driver.finish(good)

        // One probe at a time, further and further apart.
        var probes = 0
        for _ in 0..<300 {
            driver.pass(seconds: 1)
            #expect(driver.underWay.count <= 1)
            if let id = driver.underWay.first {
                probes += 1
                driver.finish(id, .retry(after: nil))
            }
        }
        #expect((7...16).contains(probes), "\(probes) probes in five minutes")

        // It comes back.
        driver.pass(seconds: 61)
        driver.finish(driver.underWay[0])
        #expect(driver.sinkChanges == ["https://bad/ down", "https://bad/ up"])
        for _ in 0..<5 {
            driver.deliverAll()
            driver.pass(seconds: 61)
        }
        driver.deliverAll()
        #expect(driver.settled.values.allSatisfy { $0 == .delivered })
        #expect(driver.isDrained)
    }

    @Test func sharesOneHostAmongItsSinks() {
        var driver = QueueDriver { $0.inFlightPerHost = 4 }
        for index in 0..<12 {
            driver.accept(subscription: "s\(index)", sink: "https://a/\(index)", host: "a:443")
        }
        let other = driver.accept(subscription: "t", sink: "https://b/", host: "b:443")
        #expect(driver.underWay.count == 5)
        #expect(driver.underWay.contains(other))
        driver.deliverAll()
        #expect(driver.settled.count == 13)
        #expect(driver.isDrained)
    }

    /// However many hosts hold all they may get, the next one is served at once.
    @Test(arguments: [1, 3, 8, 20, 60]) func leavesRoomBesideSlowHosts(slow: Int) {
        var driver = QueueDriver()
        for round in 0..<min(256, 2_048 / slow) {
            for host in 0..<slow {
                driver.accept(
                    subscription: "s\(host)-\(round)", sink: "https://slow\(host)/\(round)", host: "slow\(host)")
            }
        }
        let held = driver.underWay.count
        #expect(held < driver.queue.limits.inFlight)
        let good = driver.accept(subscription: "good", sink: "https://good/", host: "good")
        #expect(driver.underWay.contains(good))
        // Those who hold it use most of the room all the same, and nothing is left lying.
        #expect(held >= driver.queue.limits.inFlight / 4)
        driver.deliverAll()
        #expect(driver.isDrained)
        #expect(driver.settled.count == slow * min(256, 2_048 / slow) + 1)
    }

    /// What a host gives back, another that waits gets at once, though none of its own attempts has ended.
    @Test func givesFreedRoomToHostsThatWait() {
        var driver = QueueDriver { $0.inFlight = 12 }
        for host in ["a", "b"] {
            for index in 0..<6 {
                driver.accept(subscription: "\(host)\(index)", sink: "https://\(host)/\(index)", host: host)
            }
        }
        let before = driver.underWay
        while let id = driver.underWay.first(where: { driver.orders[$0]?.subscription.rawValue.first == "a" }) {
            driver.finish(id)
        }
        let others = driver.underWay.filter { driver.orders[$0]?.subscription.rawValue.first == "b" }
        #expect(others.count > before.count { driver.orders[$0]?.subscription.rawValue.first == "b" })
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func passesAHostsRoomOnFromSinksThatCannotUseIt() {
        var driver = QueueDriver {
            $0.inFlightPerHost = 1
            $0.health.threshold = 1
        }
        let first = driver.accept(subscription: "s0", sink: "https://a/0", host: "a:443")
        let gone = driver.accept(subscription: "s1", sink: "https://a/1", host: "a:443")
        let third = driver.accept(subscription: "s2", sink: "https://a/2", host: "a:443")
        driver.cancel("s1")
        #expect(driver.settled[gone] == .dropped(.subscriptionEnded))
        driver.finish(first)
        #expect(driver.underWay == [third])
    }

    @Test func takesTurnsAmongSinks() {
        var driver = QueueDriver { $0.inFlight = 2 }
        for index in 0..<6 { driver.accept(subscription: "a", session: "m\(index)", sink: "https://a/") }
        let other = driver.accept(subscription: "b", sink: "https://b/")
        driver.finish(driver.underWay[0])
        driver.finish(driver.underWay[0])
        #expect(driver.started.prefix(4).contains(other))
        driver.deliverAll()
        #expect(driver.isDrained)
    }

    @Test func keepsRoomForTheLivingWhileManyAreDead() {
        var driver = QueueDriver {
            $0.inFlight = 8
            $0.probes = 2
            $0.health.threshold = 1
        }
        for index in 0..<20 {
            driver.accept(subscription: "s\(index)", sink: "https://dead\(index)/")
            if let id = driver.underWay.first { driver.finish(id, .retry(after: nil)) }
        }
        driver.pass(seconds: 2)
        // The probes hang.
        #expect(driver.underWay.count == 2)
        let good = driver.accept(subscription: "good", sink: "https://good/")
        #expect(driver.underWay.contains(good))
        // Every dead one gets its turn in the end.
        var probed: Set<UInt64> = []
        for _ in 0..<200 {
            if let id = driver.underWay.first {
                probed.insert(id)
                driver.finish(id, id == good ? .delivered : .retry(after: nil))
            } else {
                driver.pass(seconds: 1)
            }
        }
        #expect(probed.count == 21)
    }

    @Test func forgetsSinksAfterAWhile() {
        var driver = QueueDriver { $0.idleSinks = 5 }
        for index in 0..<10 { driver.accept(subscription: "s\(index)", sink: "https://a/\(index)", host: "a:443") }
        driver.deliverAll()
        driver.pass(seconds: 2)
        #expect(driver.queue.sinks.count == 5)
        driver.pass(seconds: 61)
        #expect(driver.queue.sinks.count == 0)
        #expect(driver.queue.hosts.count == 0)
        #expect(driver.queue.sinkIndex.isEmpty && driver.queue.hostIndex.isEmpty)
        driver.pass(seconds: 120)
        #expect(driver.queue.nextDeadline == nil)
    }

    @Test func keepsItsLinesShortUnderPressure() {
        var driver = QueueDriver {
            $0.pending = 50
            $0.health.threshold = 1
        }
        for index in 0..<20_000 {
            driver.accept(subscription: "s\(index % 70)", session: "m\(index)")
            if index % 100 == 0 { driver.pass(seconds: 1) }
            if let id = driver.underWay.first, index % 7 == 0 { driver.finish(id, .retry(after: nil)) }
        }
        let sink = driver.queue.sinks.handles.first.flatMap { driver.queue.sinks[$0] }
        #expect((sink?.arrivals.count ?? .max) <= 2 * 50 + 64)
        #expect((sink?.ready.count ?? .max) <= 2 * 50 + 64)
        #expect(driver.queue.timers.count <= 2 * 52 + 65)
    }
}
