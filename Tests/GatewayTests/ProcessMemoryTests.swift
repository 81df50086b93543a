import Foundation
import Mimalloc
import Testing

@testable import Gateway

@Suite struct ProcessMemoryTests {
    /// Nobody's environment has them where tests run.
    @Test func whatIsFreedIsKeptForAMinute() {
        ProcessMemory.keepFreed()
        #expect(mi_option_get(mi_option_decommit_delay) == ProcessMemory.keptMilliseconds)
        #expect(mi_option_get(mi_option_segment_decommit_delay) == ProcessMemory.keptMilliseconds)
        // Longer than an INVITE transaction lives, as RFC 6026 has it.
        #expect(ProcessMemory.keptMilliseconds > 32_000)
    }
}
