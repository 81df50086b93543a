import Foundation

/// The right to be the one gateway that uses a database, held on a file beside it for as long as this value lives.
///
/// SQLite's own exclusive mode would shut out readers too: with a lock of our own, `sqlite3 PATH ".backup COPY"` works
/// while the gateway runs. It is flock(2), which ends with the process, however that ends. The file stays: removing it
/// would let two processes hold locks on two files of the same name.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at once or not at all.
    /// - Parameter path: the database as the operator named it, for the error.
    /// - Throws: that it is in use, or its folder missing, full or not writable.
    init(databaseAt resolvedPath: String, namedAs path: String) throws(StorageFailure) {
        let descriptor = open(resolvedPath + "-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageFailure(SystemCall.cause(errno), path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let cause: StorageFailure.Cause =
                errno == EWOULDBLOCK ? .inUse(process: FileLock.holder(descriptor)) : SystemCall.cause(errno)
            close(descriptor)
            throw StorageFailure(cause, path: path)
        }
        self.descriptor = descriptor
        // For the other process's error message only, so a full disk does not matter.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        // Not by closing alone: a child process between fork and exec holds a copy of the descriptor, and with it the lock.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: text.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
