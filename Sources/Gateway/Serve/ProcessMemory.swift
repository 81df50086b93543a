import Glibc
import Mimalloc

/// The process's memory, as its allocator counts it.
///
/// Linking mimalloc puts it in the place of the C library's allocator, for Sofia and libevent too. A call is built on one
/// thread and ended on another half a minute later, thousands at a time: the C library's arenas grow page by page, one
/// system call each, and give nothing back after the last call.
struct ProcessMemory: Sendable {
    /// Memory the allocator holds from the system now, in bytes.
    let held: Int
    /// The most the process ever had resident, in bytes.
    let peak: Int

    /// How long what was freed stays the process's, in milliseconds: twice as long as an INVITE transaction lives
    /// (64·T1, RFC 6026 Timer M). Of what one call leaves, others need nearly all in that time.
    static let keptMilliseconds = 64_000

    /// Keeps what is freed for that long. The allocator's own 25 ms give pages back that the next call takes again, and each
    /// time all threads wait for the system: at half of what the gateway can carry, POSTs waited for tens of milliseconds.
    /// Before any call. An environment that sets mimalloc's variables decides instead.
    static func keepFreed() {
        let delays = [
            (mi_option_decommit_delay, "MIMALLOC_DECOMMIT_DELAY"),
            (mi_option_segment_decommit_delay, "MIMALLOC_SEGMENT_DECOMMIT_DELAY"),
        ]
        for (option, variable) in delays where getenv(variable) == nil { mi_option_set(option, keptMilliseconds) }
    }

    /// As of now. Any thread.
    static func now() -> ProcessMemory {
        var held = 0
        var peak = 0
        mi_process_info(nil, nil, nil, nil, &peak, &held, nil, nil)
        return ProcessMemory(held: held, peak: peak)
    }
}
