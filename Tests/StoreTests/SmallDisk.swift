import Foundation

/// A file system in memory with little room, mounted as long as this value lives. Needs the right to mount.
final class SmallDisk {
    let path: String
    private let folder: TestFolder

    /// Whether this process may mount one.
    static let isAvailable = (try? SmallDisk(bytes: 65_536)) != nil

    init(bytes: Int) throws {
        folder = try TestFolder()
        path = folder.path
        try SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path)
    }

    deinit { try? SmallDisk.run("umount", "-l", path) }

    func makeReadOnly() throws { try SmallDisk.run("mount", "-o", "remount,ro", path) }

    /// Uses up all room.
    func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(descriptor, block, block.count) > 0 {}
    }

    /// Gives back what ``fill()`` took.
    func empty() throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    private struct Failure: Error {}

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
    }
}
