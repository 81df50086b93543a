import Glibc

/// Nanoseconds of the monotonic clock: the one clock that every latency here is read off.
typealias Nanoseconds = UInt64

extension Nanoseconds {
    static var now: Nanoseconds { reading(CLOCK_MONOTONIC) }

    /// CPU time of this process, all threads.
    static var ownCPU: Nanoseconds { reading(CLOCK_PROCESS_CPUTIME_ID) }

    static func seconds(_ seconds: Double) -> Nanoseconds { Nanoseconds(seconds * 1e9) }
    static func milliseconds(_ milliseconds: Double) -> Nanoseconds { Nanoseconds(milliseconds * 1e6) }

    var inSeconds: Double { Double(self) / 1e9 }

    private static func reading(_ clock: clockid_t) -> Nanoseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Nanoseconds(time.tv_sec) &* 1_000_000_000 &+ Nanoseconds(time.tv_nsec)
    }
}
