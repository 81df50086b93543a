import SQLite3

/// A value bound to a statement.
enum SQLValue {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    case null

    /// NULL for nil.
    init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    init(_ number: Int64?) { self = number.map(SQLValue.integer) ?? .null }
}

/// A prepared statement: the one owner of its handle. One thread at a time, the connection's.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    fileprivate init(_ handle: OpaquePointer, connection: OpaquePointer) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs it with `values` in the order of its `?`; `onRow` sees each row.
    /// - Throws: SQLite's error, or what `onRow` throws, which ends the reading.
    func run(_ values: SQLValue..., onRow: (Row) throws -> Void = { _ in }) throws {
        try run(values, onRow: onRow)
    }

    func run(_ values: [SQLValue], onRow: (Row) throws -> Void = { _ in }) throws {
        // Resetting repeats the error of the step before it, which was thrown already.
        defer { sqlite3_reset(handle) }
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try onRow(Row(handle: handle))
            case SQLITE_DONE: return
            case let code: throw SQLiteError(code, on: connection)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws {
        let code: Int32
        switch value {
        case .integer(let number): code = sqlite3_bind_int64(handle, index, number)
        case .null: code = sqlite3_bind_null(handle, index)
        case .text(var text):
            code = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    // A null pointer would bind NULL, and an empty buffer may have one.
                    $0.isEmpty
                        ? gateway_sqlite3_bind_text(handle, index, "", 0)
                        : gateway_sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count))
                }
            }
        case .blob(let bytes):
            code = bytes.withUnsafeBytes {
                $0.isEmpty
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : gateway_sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count))
            }
        }
        guard code == SQLITE_OK else { throw SQLiteError(code, on: connection) }
    }

    /// The row a statement stands on. Valid only inside `onRow`.
    struct Row {
        fileprivate let handle: OpaquePointer

        func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

        /// The text; empty for NULL.
        func text(_ column: Int32) -> String {
            String(decoding: bytes(column, sqlite3_column_text(handle, column)), as: UTF8.self)
        }

        /// The bytes; empty for NULL.
        func blob(_ column: Int32) -> [UInt8] {
            let start = sqlite3_column_blob(handle, column)
            return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
        }

        func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
        func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

        private func bytes(_ column: Int32, _ start: UnsafePointer<UInt8>?) -> UnsafeBufferPointer<UInt8> {
            // The length belongs to the form asked for last: after sqlite3_column_text.
            UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        }
    }
}

extension Connection {
    /// Compiles one statement.
    func prepare(_ sql: String) throws -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw SQLiteError(code, on: handle) }
        return Statement(statement, connection: handle)
    }
}
