import Testing

@testable import Bench

@Suite struct EventsResultTests {
    private func phase(_ microseconds: Double, calls: Int = 100) -> PhaseResult {
        var tally = Tally()
        tally.completed = calls
        return PhaseResult(
            name: "", tally: tally, gatewayCPU: Nanoseconds(microseconds * 1e3) * Nanoseconds(calls), driverCPU: 0)
    }

    private func result(plain: [Double], subscribed: [Double]) -> EventsResult {
        var result = EventsResult()
        result.plain = plain.map { phase($0) }
        result.subscribed = subscribed.map { .init(phase: phase($0), events: 300, sinkCPU: 3_000_000) }
        result.counts.events = 300 * subscribed.count
        result.counts.ended = 100 * subscribed.count
        return result
    }

    @Test func medians() {
        #expect([3.0, 1, 9].median == 3)
        #expect([3.0, 1, 9, 5].median == 4)
        #expect(([] as [Double]).median == nil)
    }

    @Test func theCostIsTheDifferenceOfTheMedians() {
        let result = result(plain: [200, 190, 900], subscribed: [350, 380, 360])
        #expect(result.plainMicroseconds == 200)
        #expect(result.subscribedMicroseconds == 360)
        #expect(result.eventsPerCall == 3)
        #expect(result.microsecondsPerEvent == 160.0 / 3)
        #expect(result.sinkMicroseconds == 10)
        // A twentieth of 200 µs and three times 60.
        #expect(result.limitMicroseconds == 390)
        #expect(result.faults == 0)
    }

    @Test(arguments: [(389.0, true), (391, false)])
    func theBoundIsJudged(_ cost: Double, _ holds: Bool) {
        var results = Results()
        results.events = result(plain: [200], subscribed: [cost])
        let bound = Bound.all(results, rate: 1).first { $0.text.contains("subscription") }
        #expect(bound?.holds == holds)
    }

    @Test func withoutEventsTheBoundIsBroken() {
        var results = Results()
        results.events = EventsResult(
            plain: [phase(200)], subscribed: [.init(phase: phase(200), events: 0, sinkCPU: 0)])
        #expect(Bound.all(results, rate: 1).first { $0.text.contains("subscription") }?.holds == false)
    }

    @Test func whatNeverCameIsAFault() {
        var result = result(plain: [200], subscribed: [300])
        result.counts.ended -= 2
        result.subscriptions = 3
        result.counts.subscriptionsEnded = 2
        result.counts.doubled = 4
        #expect(result.unfinished == 2)
        #expect(result.untold == 1)
        #expect(result.faults == 7)
        var results = Results()
        results.events = result
        #expect(Bound.all(results, rate: 1).first { $0.text.contains("lost") }?.holds == false)
    }

    @Test func failedCallsAreCountedInAll() {
        var results = Results()
        var failed = Tally()
        failed.failures[.noConnection] = 2
        let phase = PhaseResult(name: "", tally: failed, gatewayCPU: 0, driverCPU: 0)
        results.events = EventsResult(plain: [phase], subscribed: [.init(phase: phase, events: 0, sinkCPU: 0)])
        #expect(results.failures == 4)
    }
}
