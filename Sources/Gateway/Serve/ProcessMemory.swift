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

    /// As of now. Any thread.
    static func now() -> ProcessMemory {
        var held = 0
        var peak = 0
        mi_process_info(nil, nil, nil, nil, &peak, &held, nil, nil)
        return ProcessMemory(held: held, peak: peak)
    }
}
