import CallCore
import Testing

@testable import EventSinks

/// Whatever happens in whatever order, the promises hold.
@Suite struct DeliveryQueueModelTests {
    @Test(arguments: 1...40)
    func keepsOrderAndLosesNothing(seed: Int) {
        var random = Seeded(state: UInt64(seed))
        func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        var driver = QueueDriver(seed: UInt64(seed)) {
            $0.pending = 40
            $0.pendingPerSubscription = 12
            $0.inFlight = 6
            $0.inFlightPerHost = 4
            $0.probes = 2
            $0.idleSinks = 2
            $0.health = SinkHealth.Limits(initialWindow: 2, maximumWindow: 3, threshold: 2, backoff: Backoff())
        }
        var accepted: [UInt64] = []
        for _ in 0..<1_500 {
            switch draw(0..<12) {
            case 0...4:
                let subscription = draw(0..<6)
                let isLast = draw(0..<40) == 0
                accepted.append(
                    driver.accept(
                        subscription: "s\(subscription)", session: isLast ? nil : "m\(draw(0..<3))",
                        sink: "https://a/\(subscription % 4)", host: "a\(subscription % 2)", size: draw(1..<2_000),
                        bound: UInt64(draw(1..<200)), isLast: isLast))
            case 5...7:
                guard let id = driver.underWay.randomElement(using: &random) else { continue }
                let verdicts: [Verdict] = [
                    .delivered, .delivered, .delivered, .retry(after: nil), .retry(after: nil),
                    .retry(after: 3 * QueueDriver.second), .drop(.rejected, isAnswer: true),
                    .drop(.refusedAddress, isAnswer: false), .subscriptionGone, .credentialExpired,
                ]
                driver.finish(id, verdicts[draw(0..<verdicts.count)])
            case 10:
                guard let id = driver.underWay.randomElement(using: &random) else { continue }
                driver.park(id, seconds: UInt64(draw(1..<10)))
            // Any id: whoever waits for something else is told too early at the worst.
            case 11: if let id = accepted.randomElement(using: &random) { driver.resume(id) }
            case 8: driver.pass(seconds: UInt64(draw(0..<20)))
            default: if draw(0..<10) == 0 { driver.cancel("s\(draw(0..<6))") }
            }
        }
        // The sinks recover: everything ends without further events.
        for _ in 0..<400 where driver.queue.pending > 0 {
            driver.deliverAll()
            driver.pass(seconds: 1)
        }
        driver.deliverAll()

        #expect(driver.isDrained)
        #expect(Set(driver.settled.keys) == Set(accepted))
        // First attempts of one order come in the order of arrival.
        var first: [Delivery.Order: UInt64] = [:]
        var seen: Set<UInt64> = []
        for id in driver.started where seen.insert(id).inserted {
            guard let order = driver.orders[id] else { continue }
            #expect(id > first[order] ?? 0, "\(id) was sent after \(first[order] ?? 0)")
            first[order] = id
        }
        driver.pass(seconds: 100)
        #expect(driver.queue.sinks.count == 0 && driver.queue.hosts.count == 0)
        #expect(driver.queue.runnable.isEmpty && driver.queue.waitingProbes.isEmpty)
    }
}

@Suite struct QueueStructureTests {
    @Test(arguments: [1, 1_000]) func ranksByWeight(largest: Int) {
        var ranking = Ranking()
        var weights: [Int: Int] = [:]
        var random = Seeded(state: 5)
        for _ in 0..<5_000 {
            let place = Int.random(in: 0..<20, using: &random)
            let amount = Int.random(in: -largest...largest, using: &random)
            ranking.add(amount, to: place)
            weights[place] = max(0, weights[place, default: 0] + amount)
            #expect(ranking.ranked == weights.filter { $0.value > 0 })
            let highest = weights.values.max() ?? 0
            #expect(ranking.first.map { weights[$0] == highest && highest > 0 } ?? (highest == 0))
        }
    }

    @Test func popsTimersInOrder() {
        var timers = TimerQueue<Int>()
        var random = Seeded(state: 3)
        let times = (0..<500).map { _ in UInt64.random(in: 0..<1_000, using: &random) }
        for (index, time) in times.enumerated() { timers.insert(index, at: time) }
        #expect(timers.first == times.min())
        timers.compact(live: 100) { index, _ in index % 2 == 0 }
        var popped: [UInt64] = []
        while let index = timers.pop(until: 1_000) { popped.append(times[index]) }
        #expect(popped == times.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).sorted())
    }

    @Test func forgetsRemovedValues() {
        var slab = Slab<[Int]>()
        let first = slab.insert([1])
        slab.remove(first)
        let second = slab.insert([2])
        #expect(second.place == first.place)
        slab[first]?.append(9)
        slab[second]?.append(3)
        #expect(slab[first] == nil)
        #expect(slab[second] == [2, 3])
        #expect(slab.handle(at: 0) == second)
        slab.remove(first)
        #expect(slab.count == 1)
    }

    @Test func queuesLikeAnArray() {
        var fifo = Fifo<Int>()
        var model: [Int] = []
        var random = Seeded(state: 9)
        for step in 0..<5_000 {
            switch Int.random(in: 0..<7, using: &random) {
            case 0...3:
                fifo.append(step)
                model.append(step)
            case 4, 5: #expect(fifo.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            default:
                guard model.count > 1 else { continue }
                fifo.remove(at: 1)
                model.remove(at: 1)
            }
            #expect(fifo.count == model.count && fifo.first == model.first)
        }
        let (before, last) = (model, model.count - 1)
        // The dead before the wanted one go, what was kept stays in place.
        let wanted = fifo.take {
            $0 == before[last]
        } dropping: {
            $0 % 3 == 0 && $0 != before[last]
        }
        #expect(wanted == model.popLast())
        model.removeAll { $0 % 3 == 0 }
        #expect((0..<fifo.count).map { fifo[$0] } == model)
        #expect(
            fifo.take { _ in
                false
            } dropping: {
                $0 % 5 == 0
            } == nil)
        model.removeAll { $0 % 5 == 0 }
        fifo.compact(live: 0) { $0 % 2 == 0 }
        let rest = (0..<fifo.count).map { fifo[$0] }
        #expect(rest == (model.count > 64 ? model.filter { $0 % 2 == 0 } : model))
    }
}
