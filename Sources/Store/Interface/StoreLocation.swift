/// Where a store's data is: the configuration's `storage.url`.
public enum StoreLocation: Equatable, Sendable {
    /// `memory:`, forgotten when the process ends.
    case memory
    /// `sqlite:PATH`; the configuration has made a relative path start at its own folder.
    case sqlite(path: String)

    /// Why a text is no location. The description says what is allowed.
    public struct Invalid: Error, Equatable, Sendable, CustomStringConvertible {
        /// Ends a sentence that begins with the key.
        public var description: String { "must be memory: or sqlite:PATH" }
    }

    /// Takes the value of `storage.url`.
    /// - Throws: ``Invalid``.
    public init(_ url: String) throws(Invalid) {
        let scheme = "sqlite:"
        if url == "memory:" {
            self = .memory
        } else if url.hasPrefix(scheme), url.utf8.count > scheme.utf8.count, !url.utf8.contains(0) {
            self = .sqlite(path: String(url.dropFirst(scheme.count)))
        } else {
            throw Invalid()
        }
    }

    /// Opens the store. Reads all of it, so not on a thread that serves calls.
    /// - Throws: why the file cannot be used.
    public func open(options: StoreOptions = StoreOptions()) throws(StorageFailure) -> any Store {
        switch self {
        case .memory: NodeStore(options: options)
        case .sqlite(let path): try NodeStore(sqlite: path, options: options)
        }
    }
}
