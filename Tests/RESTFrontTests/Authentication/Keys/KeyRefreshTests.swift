import CallCore
import Testing

@testable import RESTFront

@Suite struct KeyRefreshTests {
    static let second: UInt64 = 1_000_000_000
    static let start: UInt64 = 1_000 * second

    private func refresh() -> KeyRefresh { KeyRefresh(KeyRefresh.Bounds(), now: Self.start) }

    @Test func theFirstFetchIsDueAtOnceAndOneAtATime() {
        var refresh = refresh()
        #expect(!refresh.isGood(at: Self.start))
        #expect(refresh.begin(at: Self.start) == true)
        #expect(refresh.begin(at: Self.start + Self.second) == false)
        refresh.succeed(at: Self.start, maximumAge: nil)
        #expect(refresh.begin(at: Self.start + 600 * Self.second - 1) == false)
        #expect(refresh.begin(at: Self.start + 600 * Self.second) == true)
    }

    @Test(
        arguments: [
            (nil, 600), (0, 60), (59, 60), (61, 61), (3_600, 3_600), (86_401, 86_400), (Int.max, 86_400),
        ] as [(Int?, UInt64)])
    func theProvidersWordCountsWithinBounds(maximumAge: Int?, seconds: UInt64) {
        var refresh = refresh()
        _ = refresh.begin(at: Self.start)
        refresh.succeed(at: Self.start, maximumAge: maximumAge)
        #expect(refresh.due == Self.start + seconds * Self.second)
    }

    @Test func failuresGrowFartherApart() {
        var refresh = refresh()
        var now = Self.start
        var pauses: [UInt64] = []
        for _ in 0..<9 {
            #expect(refresh.begin(at: now) == true)
            refresh.fail(at: now, spread: 0)
            pauses.append((refresh.due - now) / Self.second)
            now = refresh.due
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        _ = refresh.begin(at: now)
        refresh.fail(at: now, spread: 1)
        #expect(refresh.due - now == 45 * Self.second)
        #expect(refresh.secondsUntilDue(at: now) == 45)
        #expect(refresh.secondsUntilDue(at: refresh.due + 1) == 1)
        _ = refresh.begin(at: refresh.due)
        refresh.succeed(at: now, maximumAge: nil)
        _ = refresh.begin(at: refresh.due)
        refresh.fail(at: now, spread: 0)
        #expect(refresh.due - now == Self.second, "a success begins anew")
    }

    @Test func oldKeysStayGoodForADayAfterTheyWereDue() {
        var refresh = refresh()
        _ = refresh.begin(at: Self.start)
        refresh.succeed(at: Self.start, maximumAge: nil)
        let end = Self.start + (600 + 86_400) * Self.second
        _ = refresh.begin(at: refresh.due)
        refresh.fail(at: refresh.due, spread: 0)
        #expect(refresh.isGood(at: end - 1))
        #expect(!refresh.isGood(at: end))
    }

    @Test func unknownKeysAreAskedForOnceInTenSeconds() {
        var refresh = refresh()
        _ = refresh.begin(at: Self.start)
        refresh.succeed(at: Self.start, maximumAge: nil)
        var now = Self.start + Self.second
        var fetches = 0
        for _ in 0..<1_000 {
            if refresh.beginForUnknownKey(at: now) {
                fetches += 1
                refresh.succeed(at: now, maximumAge: nil)
            }
            now += Self.second / 1_000
        }
        #expect(fetches == 1)
        let next = Self.start + 11 * Self.second
        #expect(refresh.beginForUnknownKey(at: next - 1) == false)
        #expect(refresh.beginForUnknownKey(at: next) == true)
        // While it is on its way, neither of the two begins another.
        #expect(refresh.beginForUnknownKey(at: next + 60 * Self.second) == false)
        #expect(refresh.begin(at: next + 3_600 * Self.second) == false)
    }
}
