import CallCore
import Foundation

/// A store's database: read whole when it is opened, only written to after that.
///
/// WAL with `synchronous = NORMAL`: a commit is written to the log but not synchronised, so it outlives the process and
/// not always the machine; a checkpoint synchronises. The file is consistent after either.
final class SQLiteJournal: Journal {
    private let path: String
    /// Nil once closed.
    private var database: Database?

    /// What is let go on closing: the statements before their connection, the lock last.
    private struct Database {
        let registrations: RegistrationRows
        let subscriptions: SubscriptionRows
        let undelivered: UndeliveredRows
        let calls: CallRows
        let connection: Connection
        let lock: FileLock

        func write(_ key: RowKey, _ row: Row?) throws {
            switch (key, row) {
            case (.registration, .registration(let value)): try registrations.write(value)
            case (.subscription, .subscription(let value)): try subscriptions.write(value)
            case (.undelivered(let position), .undelivered(let value)): try undelivered.write(value, at: position)
            case (.call, .call(let value)): try calls.write(value)
            case (.call(let id), _): try calls.remove(id)
            case (.registration(let id), _): try registrations.remove(id)
            case (.subscription(let id), _): try subscriptions.remove(id)
            case (.undelivered(let position), _): try undelivered.remove(position)
            }
        }
    }

    /// Opens or creates the database at `path` and reads it.
    /// - Parameter maximumPages: a bound for tests of a full disk; nil for SQLite's own.
    static func open(
        _ path: String, busyTimeout: Duration, maximumPages: Int? = nil
    ) throws(StorageFailure) -> (SQLiteJournal, [(RowKey, Row)]) {
        do {
            let database = try open(DatabaseFile(path), busyTimeout: busyTimeout, maximumPages: maximumPages)
            return (SQLiteJournal(path: path, database: database), try load(database))
        } catch {
            throw failure(error, path: path)
        }
    }

    private init(path: String, database: Database) {
        self.path = path
        self.database = database
    }

    private static func open(_ file: DatabaseFile, busyTimeout: Duration, maximumPages: Int?) throws -> Database {
        let lock = try file.lock()
        try file.create()
        let connection = try Connection(
            path: file.resolvedPath, busyTimeout: Int32(clamping: busyTimeout.milliseconds))
        guard !connection.isReadOnly else { throw StorageFailure(.notPermitted, path: file.path) }
        // Nothing is written to a file that turns out not to be ours, or to be damaged.
        let version = try Schema.version(of: connection)
        let check = try connection.text("PRAGMA quick_check(1)") ?? ""
        guard check == "ok" else { throw Schema.Refusal.corrupt(String(check.prefix(200))) }
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw StorageFailure(.notPermitted, path: file.path)
        }
        try connection.execute(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA secure_delete = ON;
            PRAGMA journal_size_limit = \(16 << 20);
            """)
        if let maximumPages { try connection.execute("PRAGMA max_page_count = \(maximumPages)") }
        try Schema.migrate(connection, from: version)
        return Database(
            registrations: try RegistrationRows(connection), subscriptions: try SubscriptionRows(connection),
            undelivered: try UndeliveredRows(connection), calls: try CallRows(connection), connection: connection,
            lock: lock)
    }

    private static func load(_ database: Database) throws -> [(RowKey, Row)] {
        var rows: [(RowKey, Row)] = []
        try database.registrations.read { rows.append((.registration($0.id), .registration($0))) }
        try database.subscriptions.read { rows.append((.subscription($0.subscription.id), .subscription($0))) }
        try database.undelivered.read { rows.append((.undelivered($0), .undelivered($1))) }
        try database.calls.read { rows.append((.call($0.session.id), .call($0))) }
        return rows
    }

    func write(_ changes: [(key: RowKey, row: Row?)]) throws(StorageFailure) {
        try use { database in
            try database.connection.transaction {
                for change in changes { try database.write(change.key, change.row) }
            }
        }
    }

    func probe() throws(StorageFailure) {
        // Writes the first page of the file, as it is.
        try use { try $0.connection.execute("PRAGMA user_version = \(Schema.version)") }
    }

    func close() {
        // Leaves one file without a log. If that fails, the log stays and the next process reads it.
        try? database?.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database = nil
    }

    private func use(_ body: (Database) throws -> Void) throws(StorageFailure) {
        guard let database else { throw StorageFailure(.closed, path: path) }
        do {
            try body(database)
        } catch {
            throw SQLiteJournal.failure(error, path: path)
        }
    }

    private static func failure(_ error: any Error, path: String) -> StorageFailure {
        switch error {
        case let failure as StorageFailure: failure
        case let error as SQLiteError: StorageFailure(error.cause, path: path)
        case Schema.Refusal.foreignFile: StorageFailure(.foreignFile, path: path)
        case Schema.Refusal.newerVersion(let found):
            StorageFailure(.newerVersion(found: found, known: Schema.version), path: path)
        case Schema.Refusal.corrupt(let place): StorageFailure(.corrupt(place), path: path)
        default: StorageFailure(.inputOutput, path: path)
        }
    }
}

extension Duration {
    /// Whole milliseconds; negative ones are zero.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return min(seconds, 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
