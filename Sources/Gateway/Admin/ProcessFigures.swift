import Foundation

/// What the system and the allocator say of this process.
struct ProcessFigures: Sendable {
    /// Memory the allocator holds from the system, in bytes.
    let held: Int
    /// Resident memory, in bytes.
    let resident: Int
    /// User and system time, in seconds.
    let processorTime: Double
    /// Descriptors in use, and how many there may be.
    let descriptors: Int
    let descriptorLimit: Int
    /// Seconds since 1970 at the start of the process, to a hundredth.
    let startTime: Double

    /// As of now; 0 where the system does not say. Any thread; reads from /proc.
    static func now() -> ProcessFigures {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        // proc(5): the second number is the resident pages.
        let pages = words(of: "/proc/self/statm").dropFirst().first.flatMap { Int($0) } ?? 0
        let inUse = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
        return ProcessFigures(
            held: ProcessMemory.now().held, resident: pages * sysconf(Int32(_SC_PAGESIZE)),
            processorTime: seconds(usage.ru_utime) + seconds(usage.ru_stime), descriptors: inUse,
            descriptorLimit: mostDescriptors(), startTime: began)
    }

    /// How many descriptors there may be.
    static func mostDescriptors() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// The boot's time of day, and the ticks from there to the start of this process (proc(5): the 22nd field of `stat`,
    /// counted from behind the name, which may contain anything).
    private static let began: Double = {
        let stat = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        let boot = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("btime ") }?.split(separator: " ").last
        guard fields.count > 19, let ticks = Double(fields[19]), let boot, let second = Double(boot) else { return 0 }
        return second + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func words(of path: String) -> [Substring] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ")
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
