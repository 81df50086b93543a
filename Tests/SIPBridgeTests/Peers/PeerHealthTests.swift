import Testing

@testable import SIPBridge

/// Probing with OPTIONS: when, and what is believed after how many answers.
@Suite struct PeerHealthTests {
    private static let millisecond: UInt64 = 1_000_000

    /// A peer probed every 1,000 ms, with 200 ms for an answer: down after 3, up after 2. Times are milliseconds.
    private struct Probed {
        var health = PeerHealth()
        var random = SeededRandom(state: 9)
        let rules = PeerHealth.Rules(
            interval: 1_000 * millisecond, timeout: 200 * millisecond, down: 3, up: 2)
        var now: UInt64 = 0

        init() { health.begin(at: 0, rules, using: &random) }

        /// Goes on to where something is due and does it.
        mutating func next() -> PeerHealth.Step {
            now = health.due
            return health.advance(to: now, rules, using: &random)
        }

        /// Sends the next probe and answers it, or lets it time out; what is believed then, if that is new.
        mutating func round(_ status: Int?) -> PeerHealth.State? {
            let sent = next()
            #expect(sent.sends && !sent.givesUp && sent.change == nil)
            if let status {
                now += 5 * millisecond
                return health.answered(status: status, at: now, rules, using: &random)
            }
            let given = next()
            #expect(given.givesUp && !given.sends)
            return given.change
        }
    }

    @Test func isOffWithoutAnInterval() {
        var health = PeerHealth()
        var random = SeededRandom(state: 1)
        let rules = PeerHealth.Rules(interval: 0, timeout: 1, down: 1, up: 1)
        health.begin(at: 5, rules, using: &random)
        #expect(health.due == .max && health.state == .unknown)
        #expect(health.advance(to: .max - 1, rules, using: &random) == PeerHealth.Step())
    }

    @Test func theFirstAnswerSaysThatItIsUp() {
        var peer = Probed()
        #expect(peer.round(200) == .up)
        #expect(peer.health.roundTrip == 5 * Self.millisecond)
        #expect(peer.round(200) == nil)
    }

    /// Whatever it says, it is there; 503 alone is no sign of one that takes calls.
    @Test(arguments: [200, 401, 403, 404, 405, 481, 483, 500, 501])
    func everyFinalResponseIsAnAnswer(status: Int) {
        var peer = Probed()
        #expect(peer.round(status) == .up)
    }

    @Test func threeFailuresInARowAreNeededAndTwoAnswers() {
        var peer = Probed()
        #expect(peer.round(200) == .up)
        #expect(peer.round(nil) == nil && peer.round(503) == nil)
        #expect(peer.round(200) == nil, "an answer between starts the count anew")
        #expect(peer.round(nil) == nil && peer.round(nil) == nil && peer.health.state == .up)
        #expect(peer.round(503) == .down)
        #expect(peer.round(nil) == nil && peer.round(200) == nil && peer.health.state == .down)
        #expect(peer.round(nil) == nil && peer.round(200) == nil && peer.health.state == .down)
        #expect(peer.round(200) == .up)
    }

    @Test func oneThatNeverAnswersIsDownAfterThree() {
        var peer = Probed()
        #expect(peer.round(nil) == nil && peer.round(nil) == nil && peer.health.state == .unknown)
        #expect(peer.round(nil) == .down)
    }

    @Test func aFailureInTheStackCountsAsOne() {
        var peer = Probed()
        for expected in [nil, nil, PeerHealth.State.down] {
            #expect(peer.next().sends)
            #expect(peer.health.unreachable(peer.rules, using: &peer.random) == expected)
        }
    }

    @Test func probesAreATenthApartAtMostFromTheInterval() {
        var peer = Probed()
        var times: [UInt64] = []
        for _ in 0..<200 {
            times.append(peer.health.due)
            _ = peer.round(200)
        }
        #expect(times[0] <= 1_000 * Self.millisecond)
        let gaps = zip(times.dropFirst(), times).map { ($0 - $1) / Self.millisecond }
        #expect(gaps.allSatisfy { (900...1_100).contains($0) })
        #expect(Set(gaps).count > 50, "not all the same")
    }

    @Test func anAnswerThatIsNotWaitedForChangesNothing() {
        var peer = Probed()
        #expect(peer.health.answered(status: 200, at: 1, peer.rules, using: &peer.random) == nil)
        _ = peer.round(nil)
        let before = peer.health
        #expect(peer.health.answered(status: 200, at: peer.now, peer.rules, using: &peer.random) == nil)
        #expect(peer.health == before)
    }

    @Test func aSleepyThreadSendsOneProbeNotMany() {
        var peer = Probed()
        _ = peer.next()
        peer.now += 60_000 * Self.millisecond
        let step = peer.health.advance(to: peer.now, peer.rules, using: &peer.random)
        #expect(step.givesUp && step.sends)
        #expect(peer.health.advance(to: peer.now, peer.rules, using: &peer.random) == PeerHealth.Step())
    }
}
