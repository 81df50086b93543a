/// The one table of keys, in the order of the documentation. What it does not hold is refused as unknown.
enum Schema {
    static let rows: [Row] =
        APIKeys.rows + SIPKeys.rows + TrunkKeys.rows + RoutingKeys.rows + SessionKeys.rows + RegistrationKeys.rows
        + EventKeys.rows + StorageKeys.rows + AdminKeys.rows + LogKeys.rows + laterRows

    /// Whole sections of parts that do not exist yet.
    private static let laterRows: [Row] = [
        .notYet("media", "Media relays.")
    ]

    private static let sections: [String: [String: Row]] = Dictionary(grouping: rows, by: \.section).mapValues {
        Dictionary($0.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static let names: [String: [String]] = Dictionary(
        grouping: rows.filter { $0.support == .supported }, by: \.section
    ).mapValues { $0.map(\.name) }

    /// The row of a key; nil if the section at `path` has no such key.
    static func row(named name: String, in path: String) -> Row? {
        sections[path]?[name]
    }

    /// The keys a section takes, in the order of the table.
    static func supportedNames(in path: String) -> [String] {
        names[path] ?? []
    }
}
