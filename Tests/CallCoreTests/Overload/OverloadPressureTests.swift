import Testing

@testable import CallCore

@Suite struct OverloadPressureTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("It takes many refusals within a second, and lasts for one unless there are as many again")
    func pressure() {
        var pressure = OverloadPressure()
        for number in 1..<UInt64(OverloadPressure.many) { pressure.refused(at: 5 * Self.second + number) }
        #expect(pressure.until == 0)
        pressure.refused(at: 6 * Self.second)
        #expect(pressure.until == 7 * Self.second)
        for _ in 1..<OverloadPressure.many { pressure.refused(at: 6 * Self.second + 1) }
        #expect(pressure.until == 7 * Self.second)
        pressure.refused(at: 6 * Self.second + 2)
        #expect(pressure.until == 7 * Self.second + 2)
    }

    @Test("Some now and then do not make it")
    func some() {
        var pressure = OverloadPressure()
        for second in 1..<100 {
            for _ in 1..<OverloadPressure.many { pressure.refused(at: UInt64(second) * Self.second) }
        }
        #expect(pressure.until == 0)
    }
}
