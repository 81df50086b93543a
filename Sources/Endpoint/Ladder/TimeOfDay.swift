#if canImport(Glibc)
import Glibc
#endif

/// The wall clock, for lines that people read.
public enum TimeOfDay {
    /// Milliseconds since local midnight.
    @Sendable public static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var seconds = time.tv_sec
        var local = tm()
        localtime_r(&seconds, &local)
        let whole = Int(local.tm_hour) * 3600 + Int(local.tm_min) * 60 + Int(local.tm_sec)
        return whole * 1000 + time.tv_nsec / 1_000_000
    }
}
