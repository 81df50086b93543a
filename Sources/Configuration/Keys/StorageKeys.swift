/// The keys of `storage` and `node`.
enum StorageKeys {
    static let section = SectionKey(
        "storage", "What outlives a restart: registrations, subscriptions and events that have not reached their sink.")
    static let url = Key(
        "storage.url", .storageURL, default: .sqlite(path: "gateway.db"),
        "`sqlite:` and a path: one database, created if it is missing, for this gateway alone. `memory:`: nothing "
            + "outlives the process.")

    static let node = SectionKey("node", "This gateway among others.")
    static let name = Key(
        "node.name", .trunkName, default: "gw-1",
        "Told to sinks in each event's `source`; each gateway has one of its own.")

    static let rows: [Row] = [section.row, url.row, node.row, name.row]
}

extension Configuration.Storage {
    init(_ section: Section) {
        switch section.value(StorageKeys.url) {
        case .memory: self = .memory
        case .sqlite(let path): self = .sqlite(path: section.resolve(path))
        }
    }
}

extension Configuration.GatewayNode {
    init(_ section: Section) {
        name = section.value(StorageKeys.name)
    }
}

extension ValueType where Value == Configuration.Storage {
    /// The place of the store; its path as the file writes it.
    static var storageURL: ValueType {
        .text(allowed: "sqlite:PATH or memory:") {
            switch $0 {
            case .memory: "\"memory:\""
            case .sqlite(let path): Quoted("sqlite:\(path)").description
            }
        } parse: { text, _ throws(Refusal) in
            if text == "memory:" { return .memory }
            if text.hasPrefix("redis:") || text.hasPrefix("rediss:") { throw .notYet("several nodes: use sqlite:PATH") }
            guard text.hasPrefix("sqlite:") else { throw Refusal("is no store") }
            let path = String(text.dropFirst("sqlite:".count))
            guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
                throw Refusal("has no path of a file")
            }
            // SQLite gives both a meaning of their own.
            if path.hasPrefix(":") { throw Refusal("has a path that begins with a colon (use memory: for no file)") }
            if path.hasPrefix("//") { throw Refusal("begins with two slashes (write sqlite:/PATH)") }
            return .sqlite(path: path)
        }
    }
}
