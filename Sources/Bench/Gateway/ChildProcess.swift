import CBench
import Foundation

/// A program started by the benchmark; it ends with the benchmark.
final class ChildProcess {
    let id: pid_t
    private let log: String
    private var status: Int32?

    /// Starts `arguments` in `directory`, its output in the file `log`.
    init(_ arguments: [String], in directory: String, log: String) throws {
        self.log = log
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw BenchError.system(log, errno) }
        defer { close(output) }
        let words = arguments.map { strdup($0) }
        defer { words.forEach { free($0) } }
        id = (words + [nil]).withUnsafeBufferPointer { cbench_spawn($0.baseAddress, directory, output) }
        guard id > 0 else { throw BenchError.system("fork", errno) }
    }

    /// The exit status once the program has ended; 128 + the signal when one ended it.
    func exitStatus() -> Int32? {
        if let status { return status }
        var word: Int32 = 0
        guard waitpid(id, &word, WNOHANG) == id else { return nil }
        let signal = word & 0x7f
        status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
        return status
    }

    func signal(_ number: Int32) {
        if exitStatus() == nil { kill(id, number) }
    }

    /// All that the program has written.
    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// The last lines of it, for a report.
    var lastWords: String { output.split(separator: "\n").suffix(15).joined(separator: "\n") }
}

/// What a process uses of the machine.
struct ProcessMeter {
    let process: pid_t

    /// CPU time in user and kernel mode of all threads, ended ones included.
    func cpu() -> Nanoseconds { Nanoseconds(max(cbench_cpu_nanoseconds(process), 0)) }

    struct Memory {
        /// In bytes.
        var resident = 0
        var anonymous = 0
    }

    func memory() -> Memory {
        var memory = Memory()
        let text = (try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let kibibytes = Int(words[1]) else { continue }
            switch words[0] {
            case "Rss:": memory.resident = kibibytes * 1_024
            case "Anonymous:": memory.anonymous = kibibytes * 1_024
            default: break
            }
        }
        return memory
    }

    func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
    }
}
