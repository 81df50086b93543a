/// Why the medium under a store cannot be used: at opening, or for a write.
public struct StorageFailure: Error, Equatable, Sendable {
    /// What kind of fault it is.
    public enum Cause: Equatable, Sendable {
        /// Another process has the file: its process id, if it left one.
        case inUse(process: Int32?)
        /// The folder of the file does not exist.
        case folderMissing
        /// The process may not open, create or write the file or its folder.
        case notPermitted
        case diskFull
        case inputOutput
        /// The process, or the system, has as many files open as it may.
        case tooManyFiles
        /// Another program kept the database locked for longer than the store waits.
        case locked
        /// The file is no SQLite database, or one of another program.
        case foreignFile
        /// The database contradicts itself; the text says where.
        case corrupt(String)
        /// A later release wrote the file.
        case newerVersion(found: Int, known: Int)
        /// More callers wait for the disk than the store allows.
        case overloaded
        /// The store was closed.
        case closed
        /// Any other result of SQLite, by its extended code.
        case other(code: Int32)
    }

    /// The kind of fault.
    public let cause: Cause
    /// The file as the operator named it; empty where there is none.
    public let path: String

    /// A fault of the file at `path`.
    public init(_ cause: Cause, path: String) {
        self.cause = cause
        self.path = path
    }
}

extension StorageFailure: CustomStringConvertible {
    /// `PATH: what is wrong; what to do`. Holds nothing of what is stored.
    public var description: String {
        (path.isEmpty ? "" : "\(path): ") + "\(problem); \(remedy)"
    }

    /// What is wrong, in words.
    public var problem: String {
        switch cause {
        case .inUse(let process): "already used by " + (process.map { "process \($0)" } ?? "another process")
        case .folderMissing: "its folder does not exist"
        case .notPermitted: "it cannot be written"
        case .diskFull: "the disk is full"
        case .inputOutput: "the disk reports an error"
        case .tooManyFiles: "no more files can be opened"
        case .locked: "another program keeps it locked"
        case .foreignFile: "not a store of this program"
        case .corrupt(let place): "damaged (\(place))"
        case .newerVersion(let found, let known): "its format is version \(found), this release knows up to \(known)"
        case .overloaded: "too many changes wait for the disk"
        case .closed: "the store is closed"
        case .other(let code): "SQLite result \(code)"
        }
    }

    /// What the operator does about it.
    public var remedy: String {
        switch cause {
        case .inUse: "give each gateway a file of its own, or end the other one"
        case .folderMissing: "create the folder"
        case .notPermitted:
            "let the gateway's user own the file and write to its folder, on a file system that is mounted for writing"
        case .diskFull: "make room; writing goes on by itself"
        case .inputOutput: "look at the system's log and the disk"
        case .tooManyFiles: "raise the limit of open files (LimitNOFILE, ulimit -n)"
        case .locked: "end the program that has it open for writing"
        case .foreignFile: "name another file"
        case .corrupt: "move the file and its -wal away and restore a backup, or start without one"
        case .newerVersion: "run the newer release again, or restore a backup made before the upgrade"
        case .overloaded: "give the store a faster disk"
        case .closed: "nothing is written while the gateway ends"
        case .other: "see sqlite.org/rescode.html"
        }
    }
}
