import Foundation

/// What the kernel says of a running process.
package struct ProcessFigures: Sendable, Equatable {
    /// Open descriptors.
    package let descriptors: Int
    package let threads: Int
    /// Resident memory, KiB.
    package let residentKiB: Int

    /// Reads `/proc/PID`; nil if there is no such process.
    package init?(of process: Int32) {
        let folder = "/proc/\(process)"
        guard let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd"),
            let status = KernelFile.text(folder + "/status")
        else { return nil }
        func field(_ name: String) -> Int? {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        }
        guard let threads = field("Threads"), let resident = field("VmRSS") else { return nil }
        self.descriptors = descriptors.count
        self.threads = threads
        self.residentKiB = resident
    }
}
