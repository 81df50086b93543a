import Testing

@testable import EventSinks

/// Sinks that fail.
extension DeliveryQueueTests {
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
