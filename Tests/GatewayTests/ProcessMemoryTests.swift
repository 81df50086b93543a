import Foundation
import Mimalloc
import Testing

@testable import Gateway

@Suite(.serialized) struct ProcessMemoryTests {
    private var delays: [Int] {
        [mi_option_decommit_delay, mi_option_segment_decommit_delay].map { mi_option_get($0) }
    }

    /// Nobody's environment has the variables where tests run.
    @Test func whatIsFreedIsKeptForSecondsAndThenAsBefore() {
        let own = delays
        ProcessMemory.keepFreed(true)
        #expect(delays == [5_000, 5_000])
        ProcessMemory.keepFreed(false)
        #expect(delays == own)
        #expect(own.allSatisfy { $0 < 1_000 })
    }

    @Test(
        "Freed memory is kept from a thousand calls a second on",
        arguments: [
            (0, nil), (999, nil), (1_000, true), (50_000, true),
        ] as [(UInt64, Bool?)])
    func isKeptUnderLoad(calls: UInt64, keeps: Bool?) {
        let freed = FreedMemory()
        #expect(freed.look(7, at: 5_000_000_000) == nil)
        #expect(freed.look(7 + calls, at: 6_000_000_000) == keeps)
    }

    @Test func theRateCountsAndOnlyAChangeIsTold() {
        let freed = FreedMemory()
        #expect(freed.look(0, at: 0) == nil)
        // A look that came late: 1,500 in two seconds are not many.
        #expect(freed.look(1_500, at: 2_000_000_000) == nil)
        #expect(freed.look(2_500, at: 2_500_000_000) == true)
        #expect(freed.look(4_500, at: 3_500_000_000) == nil)
        #expect(freed.look(4_600, at: 4_500_000_000) == false)
        #expect(freed.look(4_600, at: 5_500_000_000) == nil)
    }

    /// At the moment of the look before, or before it, there is no rate: the next look counts from the one before.
    @Test(arguments: [2_000_000_000, 1_500_000_000] as [UInt64])
    func aLookWithoutTimeInBetweenSaysNothing(time: UInt64) {
        let freed = FreedMemory()
        #expect(freed.look(0, at: 2_000_000_000) == nil)
        #expect(freed.look(1_200, at: time) == nil)
        #expect(freed.look(1_200, at: 3_000_000_000) == true)
    }
}
