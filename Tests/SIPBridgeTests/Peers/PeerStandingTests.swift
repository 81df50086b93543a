import Testing

@testable import SIPBridge

/// When new calls leave a peer alone. Times in the tests are seconds.
@Suite struct PeerStandingTests {
    private static let second: UInt64 = 1_000_000_000

    /// A peer with a cooldown of 30 s.
    private struct Peer {
        var standing = PeerStanding()
        var cooldown: UInt64 = 30

        mutating func record(_ outcome: PeerStanding.Outcome, at time: UInt64) -> PeerStanding.Change? {
            standing.record(outcome, at: time * second, cooldown: cooldown * second)
        }
        mutating func tried(at time: UInt64) { standing.tried(at: time * second, cooldown: cooldown * second) }
        func isLeftAlone(at time: UInt64) -> Bool { standing.isLeftAlone(at: time * second) }
        func refuses(at time: UInt64) -> Bool { standing.refusesCalls(at: time * second) }
    }

    @Test func silenceLeavesItAloneAtOnceAndForTheCooldown() {
        var peer = Peer()
        #expect(!peer.isLeftAlone(at: 100))
        #expect(peer.record(.silent, at: 100) == .leftAlone(.silent, nanoseconds: 30 * Self.second))
        #expect(peer.isLeftAlone(at: 129) && !peer.isLeftAlone(at: 130))
        #expect(!peer.refuses(at: 110), "calls that have nowhere else to go may try it")
    }

    @Test(arguments: [PeerStanding.Outcome.unavailable(retryAfter: nil), .unreachable])
    func threeStrikesInARow(outcome: PeerStanding.Outcome) {
        var peer = Peer()
        #expect(peer.record(outcome, at: 1) == nil && peer.record(outcome, at: 2) == nil)
        #expect(!peer.isLeftAlone(at: 2))
        #expect(peer.record(outcome, at: 3) != nil)
        #expect(peer.isLeftAlone(at: 32) && !peer.isLeftAlone(at: 33))
    }

    @Test func anAnswerBetweenStrikesForgivesThem() {
        var peer = Peer()
        for time in stride(from: UInt64(1), to: 60, by: 3) {
            #expect(peer.record(.unavailable(retryAfter: nil), at: time) == nil)
            #expect(peer.record(.unreachable, at: time + 1) == nil)
            #expect(peer.record(.answered, at: time + 2) == nil)
        }
        #expect(peer.standing.isUnblemished)
    }

    @Test func aWishIsRespectedForItsTimeAndNoLonger() {
        var peer = Peer()
        #expect(
            peer.record(.unavailable(retryAfter: 120), at: 10) == .leftAlone(.asked, nanoseconds: 120 * Self.second))
        #expect(peer.refuses(at: 129) && !peer.refuses(at: 130) && !peer.isLeftAlone(at: 130))
        // Said again, it is no news; a shorter one takes nothing back.
        #expect(peer.record(.unavailable(retryAfter: 1), at: 20) == nil)
        #expect(peer.refuses(at: 129))
        // The answer to an earlier call, and the silence of another, change nothing.
        #expect(peer.record(.answered, at: 30) == nil && peer.record(.silent, at: 40) == nil)
        #expect(peer.refuses(at: 129))
        #expect(peer.record(.answered, at: 131) == .back)
        #expect(peer.standing.isUnblemished)
    }

    @Test(arguments: [(0, 1), (-5, 1), (1, 1), (3_600, 3_600), (1_000_000_000, 3_600)])
    func noWishIsBelievedForLongerThanAnHour(seconds: Int, believed: UInt64) {
        var peer = Peer()
        #expect(
            peer.record(.unavailable(retryAfter: seconds), at: 0)
                == .leftAlone(.asked, nanoseconds: believed * Self.second))
    }

    @Test func afterTheCooldownOneCallTriesIt() {
        var peer = Peer()
        _ = peer.record(.silent, at: 0)
        // A last resort before its time changes nothing.
        peer.tried(at: 10)
        #expect(!peer.isLeftAlone(at: 30))
        peer.tried(at: 31)
        #expect(peer.isLeftAlone(at: 31), "the next call goes elsewhere until the first is answered")
        #expect(peer.record(.answered, at: 32) == .back)
        #expect(!peer.isLeftAlone(at: 32))
    }

    @Test func theTryThatFailsIsNoNews() {
        var peer = Peer()
        _ = peer.record(.silent, at: 0)
        peer.tried(at: 31)
        #expect(peer.record(.silent, at: 35) == nil)
        #expect(peer.isLeftAlone(at: 64) && !peer.isLeftAlone(at: 65))
    }

    @Test func withoutACooldownOnlyAWishCounts() {
        var peer = Peer(cooldown: 0)
        for time in UInt64(1)...10 {
            #expect(peer.record(.silent, at: time) == nil && peer.record(.unreachable, at: time) == nil)
        }
        #expect(!peer.isLeftAlone(at: 10))
        _ = peer.record(.unavailable(retryAfter: 5), at: 11)
        #expect(peer.isLeftAlone(at: 15))
    }
}
