import SQLite3

/// One connection to one database: the one owner of its handle. It belongs to one thread at a time.
final class Connection {
    let handle: OpaquePointer

    /// Opens an existing file.
    /// - Parameter busyTimeout: milliseconds to wait for another program's lock.
    init(path: String, busyTimeout: Int32) throws {
        var handle: OpaquePointer?
        // One thread uses it at a time, so SQLite needs no mutex of its own. A path that begins with "file:" is a path.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let error = SQLiteError(code, on: handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, busyTimeout)
    }

    // v2: a statement that outlives the connection keeps it open instead of being freed under its owner.
    deinit { sqlite3_close_v2(handle) }

    /// Whether SQLite could open the file for reading only.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// Runs statements that return nothing worth reading.
    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code, on: handle) }
    }

    /// The first column of the first row.
    func integer(_ sql: String) throws -> Int64? {
        var result: Int64?
        try prepare(sql).run { if result == nil { result = $0.integer(0) } }
        return result
    }

    func text(_ sql: String) throws -> String? {
        var result: String?
        try prepare(sql).run { if result == nil { result = $0.text(0) } }
        return result
    }

    /// Runs `body` in one transaction: all of it, or nothing.
    func transaction(_ body: () throws -> Void) throws {
        try execute("BEGIN IMMEDIATE")
        do {
            try body()
            try execute("COMMIT")
        } catch {
            // Some errors (a full disk among them) have rolled back already; a failed COMMIT has not.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }
}
