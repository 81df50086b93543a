import Testing

@testable import Gateway

/// How the gateway comes to its end, as a table of signals, live calls and time.
@Suite struct DrainTests {
    private static let start = ContinuousClock.now

    private enum Step {
        case signal(Drain.Reaction)
        /// So many calls live: are they waited for?
        case calls(Int, isWaitedFor: Bool)
        case timeForDeliveries(Duration)
    }

    private struct Row: CustomTestStringConvertible {
        var testDescription: String
        /// Seconds after the start, and what happens then.
        var steps: [(seconds: Double, step: Step)]
    }

    private static let rows = [
        Row(
            testDescription: "no signal: nothing is waited for, nothing ends",
            steps: [(0, .calls(3, isWaitedFor: false)), (100, .calls(0, isWaitedFor: false))]),
        Row(
            testDescription: "calls that end by themselves",
            steps: [
                (5, .signal(.drain)), (6, .calls(2, isWaitedFor: true)), (7, .calls(1, isWaitedFor: true)),
                (8, .calls(0, isWaitedFor: false)), (8, .timeForDeliveries(.seconds(5))),
            ]),
        Row(
            testDescription: "the deadline counts from the signal",
            steps: [
                (5, .signal(.drain)), (34.9, .calls(1, isWaitedFor: true)), (35, .calls(1, isWaitedFor: false)),
                (36, .timeForDeliveries(.seconds(5))),
            ]),
        Row(
            testDescription: "a second signal ends what is left, a third everything",
            steps: [
                (5, .signal(.drain)), (6, .calls(1, isWaitedFor: true)), (7, .signal(.hurry)),
                (7, .calls(1, isWaitedFor: false)), (7, .timeForDeliveries(.seconds(2))), (8, .signal(.exit)),
                (8, .calls(1, isWaitedFor: false)), (9, .signal(.exit)),
            ]),
        Row(
            testDescription: "a second signal after the deadline still hurries the deliveries",
            steps: [
                (0, .signal(.drain)), (31, .calls(1, isWaitedFor: false)), (31, .timeForDeliveries(.seconds(5))),
                (32, .signal(.hurry)), (32, .timeForDeliveries(.seconds(2))),
            ]),
    ]

    @Test(arguments: rows) private func goesBy(_ row: Row) {
        var drain = Drain(deadline: .seconds(30))
        for (seconds, step) in row.steps {
            let now = Self.start + .seconds(seconds)
            switch step {
            case .signal(let reaction): #expect(drain.signalled(at: now) == reaction, "at \(seconds) s")
            case .calls(let count, let isWaitedFor):
                #expect(drain.waits(for: count, at: now) == isWaitedFor, "at \(seconds) s")
            case .timeForDeliveries(let time): #expect(drain.timeForDeliveries == time, "at \(seconds) s")
            }
        }
    }

    @Test func aDeadlineOfZeroWaitsForNobody() {
        var drain = Drain(deadline: .zero)
        #expect(drain.signalled(at: Self.start) == .drain)
        #expect(!drain.waits(for: 1, at: Self.start))
    }
}
