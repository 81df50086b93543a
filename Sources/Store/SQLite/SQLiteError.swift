import Foundation
import SQLite3

/// A result of SQLite that is no success, taken at once, because the next call overwrites it.
struct SQLiteError: Error {
    /// The extended result code.
    let code: Int32
    /// `errno` of the system call that failed, if one did.
    let systemError: Int32
    /// SQLite's own words. They may quote a statement, never a value: all values are bound.
    let message: String

    init(_ code: Int32, on handle: OpaquePointer?) {
        self.code = handle.map(sqlite3_extended_errcode) ?? code
        systemError = handle.map(sqlite3_system_errno) ?? 0
        let words: UnsafePointer<CChar>? = handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        message = words.map { String(cString: $0) } ?? ""
    }

    init(_ code: Int32, systemError: Int32, message: String) {
        self.code = code
        self.systemError = systemError
        self.message = message
    }

    /// The fault in the store's terms.
    var cause: StorageFailure.Cause {
        switch code & 0xFF {
        case SQLITE_FULL: return .diskFull
        // A full disk is also met where SQLite grows its shared memory file, and then called an I/O error. The system's
        // number belongs to these two results alone; with others it is an older one.
        case SQLITE_IOERR: return SystemCall.cause(systemError, otherwise: .inputOutput)
        case SQLITE_CANTOPEN: return SystemCall.cause(systemError, otherwise: .notPermitted)
        case SQLITE_BUSY, SQLITE_LOCKED: return .locked
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: return .notPermitted
        case SQLITE_NOTADB: return .foreignFile
        case SQLITE_CORRUPT: return .corrupt(message)
        default: return .other(code: code)
        }
    }
}
