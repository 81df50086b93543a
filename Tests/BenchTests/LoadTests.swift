import Testing

@testable import Bench

@Suite struct LoadTests {
    @Test func referencesSurviveTheirDigits() {
        for (slot, use) in [(0, 1), (42, 7), (99_999, 9_999_999)] as [(Int, UInt32)] {
            let reference = CallReference(slot: slot, use: use)
            #expect(CallReference(number: reference.number) == reference)
        }
        #expect(CallReference(slot: 1, use: 10_000_003) == CallReference(slot: 1, use: 3))
    }

    @Test func aCallIsGoneOnceItEnded() throws {
        let table = CallTable()
        let first = try #require(table.begin(originator: 3, at: 5))
        #expect(table.call(first)?.pointee.originator == 3)
        table.end(first)
        #expect(table.call(first) == nil)
        let second = try #require(table.begin(originator: 4, at: 6))
        #expect(second.slot == first.slot)
        #expect(second != first)
        #expect(table.call(first) == nil)
        #expect(table.activeCount == 1)
    }

    @Test func theOfferHasItsSizeAndPlaceForTheNumber() {
        let media = MediaTexts(offerBytes: 2_048, answerBytes: 1_024)
        #expect(media.offer.count == 2_048)
        #expect(media.answer.count == 1_024)
        let number = media.offer[media.offerNumber..<media.offerNumber + CallReference.digits]
        #expect(String(decoding: number, as: UTF8.self) == "000000000000")
    }

    @Test func timersComeInOrder() {
        var heap = TimerHeap()
        let call = CallReference(slot: 0, use: 0)
        for due in [5, 1, 4, 1, 3, 9, 2] as [Nanoseconds] { heap.add(.init(due: due, call: call, kind: .callTimeout)) }
        var taken: [Nanoseconds] = []
        while let entry = heap.take(dueAt: 5) { taken.append(entry.due) }
        #expect(taken == [1, 1, 2, 3, 4, 5])
        #expect(heap.nextDue == 9)
    }

    @Test func evenArrivalsComeOnTimeAndEnd() {
        var schedule = ArrivalSchedule(.even(rate: 1_000, count: 3), from: 0)
        #expect(schedule.take(at: 0, active: 0) == 0)
        #expect(schedule.take(at: 999_999, active: 0) == nil)
        #expect(schedule.take(at: 5_000_000, active: 0) == 1_000_000)
        #expect(!schedule.isOver(at: 5_000_000))
        #expect(schedule.take(at: 5_000_000, active: 0) == 2_000_000)
        #expect(schedule.isOver(at: 5_000_000))
    }

    @Test func poissonArrivalsKeepTheirRate() {
        var schedule = ArrivalSchedule(.poisson(rate: 1_000, seconds: 100), from: 0)
        var count = 0
        while schedule.take(at: .seconds(100), active: 0) != nil { count += 1 }
        // Four standard deviations of a Poisson count of 100,000.
        #expect(abs(count - 100_000) < 1_265)
    }

    @Test func aClosedLoopKeepsItsConcurrency() {
        var schedule = ArrivalSchedule(.closed(concurrency: 2, seconds: 1), from: 0)
        #expect(schedule.take(at: 0, active: 1) != nil)
        #expect(schedule.take(at: 0, active: 2) == nil)
        #expect(schedule.take(at: .seconds(1), active: 0) == nil)
    }

    @Test func percentilesAreNearestRank() {
        let samples = (1...100).map { Nanoseconds($0) * 1_000_000 }
        #expect(samples.percentile(0.5) == 50)
        #expect(samples.percentile(0.99) == 99)
        #expect(([] as [Nanoseconds]).percentile(0.5) == nil)
    }

    @Test func aBoundWithoutAFigureIsBroken() {
        #expect(!Bound(text: "", value: nil, limit: 1).holds)
        #expect(!Bound(text: "", value: -1, limit: 1).holds)
        #expect(!Bound(text: "", value: 1.1, limit: 1).holds)
        #expect(Bound(text: "", value: 1, limit: 1).holds)
    }
}
