#if canImport(Glibc)
import Glibc
#endif

/// The machine's monotonic clock, which every room counts its deadlines in.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary point; never goes back. Any thread.
    @Sendable public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds, never negative and at most some 285 years: a bound is never longer.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 9_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    /// Whole milliseconds, never negative.
    package var milliseconds: UInt32 {
        UInt32(clamping: nanoseconds / 1_000_000)
    }
}
