import Foundation
import Testing

@testable import EventSinks

@Suite struct VerdictTests {
    private func answered(_ status: Int, retryAfter: UInt64? = nil, expired: Bool = false) -> AttemptResult {
        .answered(status: status, retryAfter: retryAfter, credentialIsExpired: expired)
    }

    @Test(arguments: [
        (200, Verdict.delivered), (202, .delivered), (204, .delivered), (299, .delivered),
        (301, .drop(.redirected, isAnswer: true)), (304, .drop(.redirected, isAnswer: true)),
        (307, .drop(.redirected, isAnswer: true)), (400, .drop(.rejected, isAnswer: true)),
        (401, .drop(.rejected, isAnswer: true)), (403, .drop(.rejected, isAnswer: true)),
        (404, .drop(.rejected, isAnswer: true)), (408, .drop(.rejected, isAnswer: true)),
        (410, .subscriptionGone), (429, .retry(after: nil)), (500, .retry(after: nil)), (503, .retry(after: nil)),
        (599, .retry(after: nil)), (0, .retry(after: nil)), (101, .retry(after: nil)), (600, .retry(after: nil)),
    ])
    func followsFromTheStatus(status: Int, verdict: Verdict) {
        #expect(Verdict(answered(status), isLast: false) == verdict)
    }

    @Test func honoursRetryAfter() {
        #expect(Verdict(answered(429, retryAfter: 7), isLast: false) == .retry(after: 7))
        #expect(Verdict(answered(503, retryAfter: 7), isLast: false) == .retry(after: 7))
        #expect(Verdict(answered(204, retryAfter: 7), isLast: false) == .delivered)
    }

    @Test func endsTheSubscriptionOnceOnly() {
        #expect(Verdict(answered(401, expired: true), isLast: false) == .credentialExpired)
        #expect(Verdict(answered(401, expired: true), isLast: true) == .drop(.rejected, isAnswer: true))
        #expect(Verdict(answered(410), isLast: true) == .drop(.rejected, isAnswer: true))
        #expect(Verdict(answered(403, expired: true), isLast: false) == .drop(.rejected, isAnswer: true))
    }

    @Test func retriesFailuresAndGivesUpWhatCannotWork() {
        for failure in TransportFailure.allCases {
            #expect(Verdict(.failed(failure), isLast: false) == .retry(after: nil))
        }
        #expect(Verdict(.refusedAddress, isLast: false) == .drop(.refusedAddress, isAnswer: false))
        #expect(Verdict(.malformed, isLast: false) == .drop(.malformed, isAnswer: false))
    }
}

@Suite struct RetryAfterTests {
    private let now = Date(timeIntervalSince1970: 1_730_785_223)

    @Test(arguments: [
        ("0", 0 as UInt64?), ("7", 7_000_000_000), (" 120 ", 120_000_000_000),
        ("99999999999999999999", 4_294_967_296_000_000_000), ("Tue, 05 Nov 2024 05:40:33 GMT", 10_000_000_000),
        ("Tue, 05 Nov 2024 05:40:13 GMT", 0), ("-1", nil), ("1.5", nil), ("soon", nil), ("", nil),
        ("Tue, 05 Nov 2024 05:40:33 CET", nil), ("Tue, 05 Foo 2024 05:40:33 GMT", nil), ("2024-11-05T05:40:33Z", nil),
        ("Tuesday, 05-Nov-24 05:40:33 GMT", nil), ("Tue, 31 Feb 2024 05:40:33 GMT", nil),
    ])
    func isSecondsOrADate(value: String, delay: UInt64?) {
        #expect(RetryAfter.delay(Array(value.utf8), now: now) == delay)
    }
}

@Suite struct BackoffTests {
    @Test func doublesUpToItsCapAndDrawsHalfOfIt() {
        let backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(60))
        var random = Seeded(state: 1)
        let milliseconds: [UInt64] = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        for (index, full) in milliseconds.enumerated() {
            let draws = (0..<200).map { _ in backoff.delay(failures: index + 1, using: &random) / 1_000 }
            let (least, most) = (draws.min() ?? 0, draws.max() ?? 0)
            #expect(least >= full * 500 && most <= full * 1_000)
            // Spread over the half that is drawn.
            #expect(most - least > full * 400)
        }
    }

    @Test func hasNoEdgeThatBreaksIt() {
        var random = Seeded(state: 1)
        for failures in [-1, 0, 63, 64, 1_000_000, .max] {
            #expect(Backoff().delay(failures: failures, using: &random) <= 60_000_000_000)
        }
        #expect(Backoff(initial: .zero, maximum: .zero).delay(failures: 3, using: &random) <= 1)
        #expect(Backoff(initial: .seconds(9), maximum: .seconds(1)).delay(failures: 1, using: &random) <= 1_000_000_000)
    }
}

@Suite struct SinkHealthTests {
    private let limits = SinkHealth.Limits(
        initialWindow: 4, maximumWindow: 6, threshold: 3, backoff: Backoff(initial: .seconds(2), maximum: .seconds(60)))

    @Test func growsWithSuccessAndHalvesWithFailure() {
        var random = Seeded(state: 1)
        var health = SinkHealth(limits)
        #expect(health.permits(inFlight: 3, now: 0) && !health.permits(inFlight: 4, now: 0))
        for window in [5, 6, 6] {
            health.succeeded(limits)
            #expect(health.window == window)
        }
        for window in [3, 1] {
            health.failed(limits, now: 0, using: &random)
            #expect(health.window == window)
        }
        health.succeeded(limits)
        #expect(health.window == 2)
    }

    @Test func opensProbesAndCloses() {
        var random = Seeded(state: 1)
        var health = SinkHealth(limits)
        for _ in 0..<2 { health.failed(limits, now: 0, using: &random) }
        // A success in between starts the count again.
        health.succeeded(limits)
        for _ in 0..<2 { health.failed(limits, now: 0, using: &random) }
        #expect(health.state == .closed)
        health.failed(limits, now: 0, using: &random)
        guard case .open(let until) = health.state else {
            Issue.record("three failures in a row leave it \(health.state)")
            return
        }
        #expect((1_000_000_000...2_000_000_000).contains(until))
        #expect(health.isDown)
        #expect(!health.permits(inFlight: 0, now: until - 1))
        #expect(!health.permits(inFlight: 1, now: until))
        #expect(health.permits(inFlight: 0, now: until))

        health.started()
        #expect(!health.permits(inFlight: 1, now: until))
        health.failed(limits, now: until, using: &random)
        guard case .open(let second) = health.state else {
            Issue.record("a failed probe leaves it \(health.state)")
            return
        }
        #expect((2_000_000_000...4_000_000_000).contains(second - until))

        health.started()
        health.succeeded(limits)
        #expect(health.state == .closed)
        #expect(!health.isDown)
    }

    @Test func isNotClosedByWhatWasUnderWayBefore() {
        var random = Seeded(state: 1)
        var health = SinkHealth(limits)
        for _ in 0..<3 { health.failed(limits, now: 0, using: &random) }
        let opened = health.state
        health.failed(limits, now: 5, using: &random)
        health.succeeded(limits)
        #expect(health.state == opened)
    }

    @Test func pausesWithoutBeingDown() {
        var health = SinkHealth(limits)
        health.pause(until: 100)
        health.pause(until: 50)
        #expect(health.state == .open(until: 100))
        #expect(!health.isDown)
        health.started()
        health.undecided(now: 100)
        #expect(health.permits(inFlight: 0, now: 100))
    }
}

@Suite struct ResponseHeadTests {
    private func head(_ text: String) -> ResponseHead? {
        var head = ResponseHead()
        for line in text.split(separator: "|", omittingEmptySubsequences: false) {
            guard head.receive(Array((line + "\r\n").utf8)) else { return nil }
        }
        return head
    }

    @Test func readsStatusAndRetryAfter() {
        let found = head("HTTP/1.1 429 Too Many|Server: x|retry-AFTER:  12|")
        #expect(found?.status == 429)
        #expect(found?.isComplete == true)
        #expect(found?.retryAfter.map { RetryAfter.delay($0, now: .now) } == 12_000_000_000)
    }

    @Test func looksPastInterimResponses() {
        let found = head("HTTP/1.1 103 Early Hints|Retry-After: 9||HTTP/1.1 204 No Content|")
        #expect(found?.status == 204)
        #expect(found?.isComplete == true)
        #expect(found?.retryAfter == nil)
        #expect(head("HTTP/1.1 100 Continue|")?.isComplete == false)
    }

    @Test func isNotCompleteBeforeItsEnd() {
        #expect(head("HTTP/1.1 204 No Content|Server: x")?.isComplete == false)
        #expect(head("HTTP/1.1 xyz|")?.isComplete == false)
        #expect(head("HTTP/1.1|")?.isComplete == false)
    }

    @Test func isBounded() {
        let line = String(repeating: "a", count: 1_000)
        let lines = (0..<40).map { _ in line }.joined(separator: "|")
        #expect(head("HTTP/1.1 200 OK|" + lines) == nil)
        #expect(head("HTTP/1.1 429 x|Retry-After: " + String(repeating: "1", count: 65) + "|")?.retryAfter == nil)
    }
}
