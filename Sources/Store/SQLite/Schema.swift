/// The database's form, as a table of steps: a new database takes all of them, an older one those it lacks.
///
/// A step that has been released never changes; a new form is a new step. Times are microseconds since 1970.
enum Schema {
    /// `application_id` in the file's header, "wgws": tells our files from other programs'.
    static let applicationID: Int64 = 0x7767_7773

    /// Step `n` (from 0) leads from version `n` to `n + 1`.
    static let steps: [String] = [registrations, subscriptionsAndEvents, liveCalls, directions]

    /// The version that this release reads and writes.
    static var version: Int { steps.count }

    private static let registrations = """
        CREATE TABLE registrations (
            id TEXT NOT NULL PRIMARY KEY,
            client TEXT NOT NULL,
            user TEXT,
            number TEXT NOT NULL,
            device_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// An event has no reference to its subscription: the last one is sent when the subscription is gone, with a copy of
    /// its sink and token. Types stand one after the other, separated by spaces; the event is its CloudEvents JSON.
    private static let subscriptionsAndEvents = """
        CREATE TABLE subscriptions (
            id TEXT NOT NULL PRIMARY KEY,
            client TEXT NOT NULL,
            user TEXT,
            types TEXT NOT NULL,
            device_id TEXT,
            registration_id TEXT,
            session_id TEXT,
            sink TEXT NOT NULL,
            token TEXT,
            token_expires_at INTEGER,
            expires_at INTEGER,
            maximum_events INTEGER,
            initial_event INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            dialect TEXT NOT NULL,
            events_told INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE undelivered_events (
            position INTEGER NOT NULL PRIMARY KEY,
            subscription_id TEXT NOT NULL,
            session_id TEXT,
            sink TEXT NOT NULL,
            token TEXT,
            token_expires_at INTEGER,
            event TEXT NOT NULL,
            correlator TEXT NOT NULL,
            bound INTEGER NOT NULL
        ) STRICT;
        """

    /// What is needed to end a call and to tell its end. `local` and `remote` are From and To of our requests, with their
    /// tags; a call without a dialog has none of the last seven.
    private static let liveCalls = """
        CREATE TABLE live_calls (
            id TEXT NOT NULL PRIMARY KEY,
            client TEXT NOT NULL,
            user TEXT,
            originator_address TEXT NOT NULL,
            originator_name TEXT,
            receiver_address TEXT NOT NULL,
            receiver_name TEXT,
            call_type TEXT,
            client_correlator TEXT,
            registration_id TEXT,
            device_id TEXT,
            correlator TEXT,
            offer TEXT,
            answer TEXT,
            status TEXT NOT NULL,
            sequence_number INTEGER NOT NULL,
            next_hop TEXT NOT NULL,
            call_id TEXT,
            local TEXT,
            remote TEXT,
            routes TEXT,
            target TEXT,
            local_cseq INTEGER,
            remote_cseq INTEGER
        ) STRICT;
        """

    /// Before this step the application had started every call that was kept.
    private static let directions = "ALTER TABLE live_calls ADD COLUMN direction TEXT NOT NULL DEFAULT 'outbound';"

    /// The version of a database, 0 for an empty one. Reads only.
    /// - Throws: ``Refusal``, or SQLite's error.
    static func version(of connection: Connection) throws -> Int {
        let found = Int(try connection.integer("PRAGMA user_version") ?? 0)
        let owner = try connection.integer("PRAGMA application_id") ?? 0
        if found == 0, owner == 0 {
            guard try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 else { throw Refusal.foreignFile }
        } else if owner != applicationID || found < 1 {
            throw Refusal.foreignFile
        }
        guard found <= version else { throw Refusal.newerVersion(found) }
        return found
    }

    /// Brings the database from version `found` to that of `steps`: all of them, or none.
    static func migrate(_ connection: Connection, from found: Int, steps: [String] = steps) throws {
        let version = steps.count
        guard found < version else { return }
        try connection.transaction {
            for step in steps[found...] { try connection.execute(step) }
            try connection.execute("PRAGMA application_id = \(applicationID)")
            try connection.execute("PRAGMA user_version = \(version)")
        }
    }

    /// Why a database is left alone.
    enum Refusal: Error {
        case foreignFile
        case newerVersion(Int)
        /// What SQLite's check says, or which row cannot be what this program wrote.
        case corrupt(String)
    }
}
