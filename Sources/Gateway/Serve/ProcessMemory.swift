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

    /// How long what was freed stays the process's while it is kept, in milliseconds. Of what one call leaves, others need
    /// nearly all in that time.
    static let keptMilliseconds = 5_000

    /// How long pages and larger pieces stay, and what decides it where an environment does.
    private static let delays = [
        (mi_option_decommit_delay, "MIMALLOC_DECOMMIT_DELAY"),
        (mi_option_segment_decommit_delay, "MIMALLOC_SEGMENT_DECOMMIT_DELAY"),
    ]
    /// mimalloc's own, in milliseconds.
    private static let ownDelays = delays.map { mi_option_get($0.0) }

    /// Keeps what is freed for ``keptMilliseconds``, or for no longer than mimalloc itself would. An environment that sets
    /// mimalloc's variables decides instead. From one thread at a time; the others read the new value when they next free.
    static func keepFreed(_ keeps: Bool) {
        for ((option, variable), own) in zip(delays, ownDelays) where getenv(variable) == nil {
            mi_option_set(option, keeps ? keptMilliseconds : own)
        }
    }

    /// As of now. Any thread.
    static func now() -> ProcessMemory {
        var held = 0
        var peak = 0
        mi_process_info(nil, nil, nil, nil, &peak, &held, nil, nil)
        return ProcessMemory(held: held, peak: peak)
    }
}
