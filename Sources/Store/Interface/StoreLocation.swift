/// Where a store's data is: the configuration's `storage.url`, which the configuration alone reads and checks.
public enum StoreLocation: Equatable, Sendable {
    /// `memory:`, forgotten when the process ends.
    case memory
    /// A file of SQLite. The configuration has refused what SQLite would not take for the path of a file, and has made a
    /// relative path start at its own folder.
    case sqlite(path: String)

    /// Opens the store. Reads all of it, so not on a thread that serves calls.
    /// - Throws: why the file cannot be used.
    public func open(options: StoreOptions = StoreOptions()) throws(StorageFailure) -> any Store {
        switch self {
        case .memory: NodeStore(options: options)
        case .sqlite(let path): try NodeStore(sqlite: path, options: options)
        }
    }
}
