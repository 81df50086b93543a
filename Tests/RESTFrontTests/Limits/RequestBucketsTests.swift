import Testing

@testable import RESTFront

@Suite struct RequestBucketsTests {
    static let second: UInt64 = 1_000_000_000

    /// How many of `count` requests at `now` go through.
    private func passed(_ buckets: inout RequestBuckets, _ client: String, _ count: Int, at now: UInt64) -> Int {
        (0..<count).count { _ in buckets.take(client, at: now) == nil }
    }

    @Test(arguments: [(50, 100), (1, 1), (10, 3), (1_000, 1), (3, 7)])
    func aBurstAndThenTheRate(rate: Int, burst: Int) {
        var buckets = RequestBuckets(requestsPerSecond: rate, burst: burst)
        let start = 5_000 * Self.second
        #expect(passed(&buckets, "a", burst + 50, at: start) == burst)
        // In ten seconds, asked every millisecond: the rate, and nothing saved up.
        var passed = 0
        for step in 1...10_000 {
            passed += self.passed(&buckets, "a", 1, at: start + UInt64(step) * Self.second / 1_000)
        }
        #expect(abs(passed - rate * 10) <= 1)
        // A quiet client gets its whole burst again, and no more.
        let later = start + 1_000 * Self.second
        #expect(self.passed(&buckets, "a", burst + 50, at: later) == burst)
    }

    @Test func clientsDoNotCountForEachOther() {
        var buckets = RequestBuckets(requestsPerSecond: 1, burst: 2)
        #expect(passed(&buckets, "a", 5, at: 1) == 2)
        #expect(passed(&buckets, "b", 5, at: 1) == 2)
    }

    @Test func theWaitIsTrue() {
        var buckets = RequestBuckets(requestsPerSecond: 4, burst: 2)
        var now = Self.second
        #expect(passed(&buckets, "a", 2, at: now) == 2)
        let wait = buckets.take("a", at: now) ?? 0
        #expect(wait == Self.second / 4)
        now += wait - 1
        let early = buckets.take("a", at: now)
        let onTime = buckets.take("a", at: now + 1)
        #expect(early == 1)
        #expect(onTime == nil)
    }

    @Test func refusedRequestsCostNothing() {
        var buckets = RequestBuckets(requestsPerSecond: 1, burst: 1)
        #expect(passed(&buckets, "a", 1_000, at: 0) == 1)
        #expect(passed(&buckets, "a", 1, at: Self.second) == 1)
    }

    @Test func bucketsAreBoundedAndBusyOnesStay() {
        var buckets = RequestBuckets(requestsPerSecond: 1, burst: 1, capacity: 100)
        #expect(passed(&buckets, "busy", 1, at: 0) == 1)
        for index in 0..<10_000 {
            _ = buckets.take("c\(index)", at: UInt64(index) * Self.second / 20)
            // Once a second: always allowed, and kept by that.
            if index % 20 == 0 { _ = buckets.take("busy", at: UInt64(index + 20) * Self.second / 20) }
            #expect(buckets.count <= 101)
        }
        let refused = buckets.take("busy", at: 499 * Self.second)
        #expect(refused != nil)
    }
}
