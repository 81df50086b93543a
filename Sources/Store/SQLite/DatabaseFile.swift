import Foundation

/// The database's file before SQLite opens it: its lock and its permissions.
struct DatabaseFile {
    /// As the operator named it.
    let path: String
    /// Where that leads, so that two names of one file share a lock.
    let resolvedPath: String

    init(_ path: String) {
        self.path = path
        // A relative path gets a folder: SQLite takes one that begins with ":" or "file:" for something else.
        let plain = path.hasPrefix("/") ? path : "./" + path
        resolvedPath =
            plain.withCString { realpath($0, nil) }.map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            } ?? plain
    }

    /// Takes the right to use it. Nothing is left beside what is no file.
    func lock() throws(StorageFailure) -> FileLock {
        var status = stat()
        guard stat(resolvedPath, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw StorageFailure(.foreignFile, path: path)
        }
        return try FileLock(databaseAt: resolvedPath, namedAs: path)
    }

    /// Creates it if there is none, and takes reading it away from everybody but the owner: it holds the tokens of sinks.
    /// SQLite gives the files beside it the same permissions.
    func create() throws(StorageFailure) {
        let descriptor = open(resolvedPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw StorageFailure(SystemCall.cause(errno), path: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StorageFailure(.inputOutput, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StorageFailure(.foreignFile, path: path) }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 {
            throw StorageFailure(SystemCall.cause(errno), path: path)
        }
    }
}
