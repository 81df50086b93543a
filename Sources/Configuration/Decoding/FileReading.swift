import Glibc

/// Why a file cannot be used.
enum FileProblem: Error, Equatable, CustomStringConvertible {
    /// A failed system call's `errno`.
    case system(Int32)
    case tooLarge(maximum: Int)

    var description: String {
        switch self {
        case .system(let code): "cannot be read: \(String(cString: strerror(code)))"
        case .tooLarge(let maximum): "is too large; at most \(ByteSize.text(maximum)) is read"
        }
    }
}

/// Reads whole files within a limit.
enum FileReading {
    /// The largest configuration file, key set or secret that is read.
    static let maximumSize = 1 << 20

    /// The content of the file at `path`. Blocks; for start-up and reload only.
    static func read(_ path: String) -> Result<[UInt8], FileProblem> {
        guard !path.isEmpty, !path.utf8.contains(0) else { return .failure(.system(ENOENT)) }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(.system(errno)) }
        defer { close(file) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.system(errno)) }
            guard count > 0 else { return .success(content) }
            guard content.count + count <= maximumSize else { return .failure(.tooLarge(maximum: maximumSize)) }
            content += block.prefix(count)
        }
    }
}
