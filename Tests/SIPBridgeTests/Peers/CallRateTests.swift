import Testing

@testable import SIPBridge

@Suite struct CallRateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(arguments: [1, 2, 10, 333, 5_000])
    func aSecondsWorthAtOnceAndThenTheRate(perSecond: Int) {
        var rate = CallRate(perSecond: perSecond)
        var now: UInt64 = 77 * Self.second
        var taken = 0
        while rate.hasRoom(at: now), taken < 100_000 {
            rate.take(at: now)
            taken += 1
        }
        #expect(taken == perSecond)
        // Then as many as come in ten seconds, looked at a thousand times a second and more.
        var later = 0
        for _ in 0..<(10 * 10_000) {
            now += Self.second / 10_000
            if rate.hasRoom(at: now) {
                rate.take(at: now)
                later += 1
            }
        }
        #expect(abs(later - 10 * perSecond) <= 1, "\(later)")
    }

    @Test func whatIsTakenWithoutRoomCounts() {
        var rate = CallRate(perSecond: 2)
        for _ in 0..<4 { rate.take(at: 0) }
        #expect(!rate.hasRoom(at: 1_400_000_000) && rate.hasRoom(at: 1_500_000_001))
    }
}
