import Foundation

/// What the gateway that runs with a configuration file is found by: a Unix socket that it holds for as long as it lives.
///
/// Nothing is said on it. The kernel tells whoever connects which process listens (SO_PEERCRED, unix(7)), and ends the
/// connection with that process, however it ends. The name stands in Linux's abstract name space, so no file is left
/// behind, no folder has to be writable, and replacing the configuration file changes nothing. It is made of the file's
/// resolved path.
enum RunningGateway {
    /// Why no gateway can be told anything.
    enum Missing: Error, Equatable {
        /// None runs with this file, at least not in this network name space.
        case notRunning
        /// The system refuses; `errno`.
        case system(Int32)
    }

    /// Held by the gateway that runs.
    final class Presence: Sendable {
        private let descriptor: Int32

        fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }
    }

    /// A connection to the gateway that runs.
    final class Found: Sendable {
        /// Its process.
        let process: pid_t
        private let descriptor: Int32

        fileprivate init(process: pid_t, descriptor: Int32) {
            self.process = process
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }

        /// Returns when the process has ended.
        func waitForEnd() {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&state, 1, -1) < 0, errno == EINTR {}
        }
    }

    /// Lets this process be found, until what is returned goes. Nil if the system refuses, or another gateway runs with the
    /// same file already.
    static func announce(configurationPath path: String) -> Presence? {
        guard let descriptor = makeSocket() else { return nil }
        let isBound = withAddress(path) { bind(descriptor, $0, $1) == 0 }
        guard isBound, listen(descriptor, 16) == 0 else {
            close(descriptor)
            return nil
        }
        return Presence(descriptor)
    }

    /// The gateway that runs with this file.
    static func find(configurationPath path: String) throws(Missing) -> Found {
        guard let descriptor = makeSocket() else { throw .system(errno) }
        guard withAddress(path, { connect(descriptor, $0, $1) == 0 }) else {
            let error = errno
            close(descriptor)
            throw error == ECONNREFUSED ? .notRunning : .system(error)
        }
        // `struct ucred` of unix(7), which this C library shows to GNU programs only.
        var peer: (process: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: peer))
        // 0: the process is in another process name space.
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0, peer.process > 0 else {
            close(descriptor)
            throw .notRunning
        }
        return Found(process: peer.process, descriptor: descriptor)
    }

    private static func makeSocket() -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        return descriptor >= 0 ? descriptor : nil
    }

    /// The name is bounded (107 bytes), paths are not: they are hashed (FNV-1a, 64 bits). It is a name, not a secret: the
    /// process found is only ever sent a signal, and the kernel decides whether the caller may.
    static func name(configurationPath path: String) -> String {
        let resolved =
            realpath(path, nil).map { found in
                defer { free(found) }
                return String(cString: found)
            } ?? path
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in resolved.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return "\(Product.name)/" + String(hash, radix: 16)
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(name(configurationPath: path).utf8.prefix(MemoryLayout.size(ofValue: address.sun_path) - 1))
        // A first byte of zero makes it an abstract name, as long as the address says.
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (index, byte) in name.enumerated() { bytes[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
