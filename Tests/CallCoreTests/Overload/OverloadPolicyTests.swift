import Testing

@testable import CallCore

@Suite struct OverloadPolicyTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test(
        "A call is refused when it would wait too long, for whatever reason",
        arguments: [
            (CallBacklog(), UInt64(0), false, false),
            (CallBacklog(waiting: 1_000, each: 200_000), 0, false, false),
            (CallBacklog(waiting: 1_001, each: 200_000), 0, false, true),
            (CallBacklog(waiting: 250, each: 200_000), 0, true, false),
            (CallBacklog(waiting: 251, each: 200_000), 0, true, true),
            (CallBacklog(waiting: 21, each: 10 * millisecond), 0, false, true),
            (CallBacklog(waiting: 0, each: 10 * millisecond), 0, true, false),
            (CallBacklog(lag: 200 * millisecond), 0, false, false),
            (CallBacklog(waiting: 1, each: 1, lag: 201 * millisecond), 0, false, true),
            (CallBacklog(waiting: 1, each: 1, lag: 51 * millisecond), 0, true, true),
            (CallBacklog(), 60 * millisecond, false, false),
            (CallBacklog(), 60 * millisecond + 1, false, true),
            (CallBacklog(), 12 * millisecond, true, false),
            (CallBacklog(), 12 * millisecond + 1, true, true),
            (CallBacklog(waiting: -1, each: .max), 0, true, false),
        ])
    func refuses(_ backlog: CallBacklog, waited: UInt64, isPressed: Bool, isRefused: Bool) {
        #expect(OverloadPolicy().refuses(backlog, waited: waited, isPressed: isPressed) == isRefused)
    }

    @Test("Those that are refused together do not come back together")
    func spreadsRetries() {
        let waits = (0..<400).map { OverloadPolicy.retryAfter(draw: UInt64($0)) }
        #expect(Dictionary(grouping: waits, by: \.self).mapValues(\.count) == [1: 100, 2: 100, 3: 100, 4: 100])
        #expect((1...4).contains(OverloadPolicy.retryAfter(draw: .max)))
    }

    /// A thread that takes 200 µs for a call, and what is offered to it, call by call.
    private struct Model {
        static let each: UInt64 = 200_000
        var begun = 0
        var refused = 0
        var longest: UInt64 = 0

        /// - Parameter gap: nanoseconds from one call to the next.
        init(gap: UInt64, seconds: UInt64) {
            let policy = OverloadPolicy()
            var free: UInt64 = 0
            for now in stride(from: 0, to: seconds * 1_000_000_000, by: Int(gap)) {
                let behind = max(free, now) - now
                let backlog = CallBacklog(waiting: Int((behind + Model.each - 1) / Model.each), each: Model.each)
                if policy.refuses(backlog) {
                    refused += 1
                } else {
                    begun += 1
                    longest = max(longest, behind)
                    free = max(free, now) + Model.each
                }
            }
        }
    }

    @Test("At three times the capacity all of it is used, and no call waits longer than it may")
    func keepsTheCapacity() {
        let model = Model(gap: Model.each / 3, seconds: 10)
        #expect(model.begun >= 50_000)
        #expect(model.longest <= 200 * OverloadPolicyTests.millisecond)
    }

    @Test("Below the capacity none is refused")
    func refusesNoneBelow() {
        #expect(Model(gap: Model.each, seconds: 10).refused == 0)
    }
}
