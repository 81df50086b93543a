import Foundation

/// `errno` in the store's terms.
enum SystemCall {
    static func cause(
        _ error: Int32, otherwise: StorageFailure.Cause = .inputOutput
    ) -> StorageFailure.Cause {
        switch error {
        case ENOENT, ENOTDIR: .folderMissing
        case EACCES, EPERM, EROFS, EISDIR: .notPermitted
        case ENOSPC, EDQUOT: .diskFull
        case EMFILE, ENFILE: .tooManyFiles
        default: otherwise
        }
    }
}
