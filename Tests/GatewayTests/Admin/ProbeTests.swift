import Testing

@testable import Gateway

@Suite struct ProbeTests {
    @Test("One question at a time; the answer's delay is counted")
    func asking() {
        var probe = Probe()
        let isAsked = [probe.ask(at: 1_000_000), probe.ask(at: 2_000_000)]
        #expect(isAsked == [true, false])
        probe.answered(at: 4_000_000)
        #expect(probe.delays.count == 1 && probe.delays.sum == 3_000_000)
        probe.answered(at: 9_000_000)
        #expect(probe.delays.count == 1, "nobody had asked")
        let isAskedAgain = probe.ask(at: 9_000_000)
        #expect(isAskedAgain)
    }

    @Test("Alive while no answer is owed for longer than the patience")
    func alive() {
        var probe = Probe()
        #expect(probe.isAlive(at: 1_000, patience: 10))
        _ = probe.ask(at: 1_000)
        #expect(probe.isAlive(at: 1_010, patience: 10))
        #expect(!probe.isAlive(at: 1_011, patience: 10))
        probe.answered(at: 1_011)
        #expect(probe.isAlive(at: 5_000, patience: 10))
    }

    @Test(
        "Readiness",
        arguments: [
            (false, Drain.Phase.serving, true, true, Readiness.starting), (true, .serving, true, true, .ready),
            (true, .serving, false, true, .stalled), (true, .draining(until: .now), true, true, .draining),
            (false, .hurried, false, false, .draining), (true, .serving, true, false, .noTrunk),
            (true, .serving, false, false, .stalled),
        ])
    func readiness(
        _ isServing: Bool, _ phase: Drain.Phase, _ isAlive: Bool, _ hasTrunk: Bool, _ expected: Readiness
    ) {
        #expect(Readiness(isServing: isServing, phase: phase, isAlive: isAlive, hasTrunk: hasTrunk) == expected)
    }
}
