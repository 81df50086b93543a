import Foundation

/// Files the kernel makes while they are read: they have no size, and one read brings a part of them.
package enum KernelFile {
    /// The whole text; nil if the file cannot be read.
    package static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var whole: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? String(decoding: whole, as: UTF8.self) : nil }
            whole += buffer[..<count]
        }
    }

    /// Whether some program has bound the UDP port.
    package static func isBoundUDP(_ port: UInt16) -> Bool {
        let address = String(format: ":%04X ", port)
        return (text("/proc/net/udp") ?? "").split(separator: "\n").contains { line in
            line.split(separator: " ").dropFirst().first.map { "\($0) ".hasSuffix(address) } ?? false
        }
    }
}
