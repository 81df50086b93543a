import Foundation

/// What the gateway that runs with a configuration file is found by, and asked to drain: a Unix socket that it holds for as
/// long as it lives.
///
/// The name stands in Linux's abstract name space (unix(7)): the kernel gives it to one process at a time and takes it back
/// when that ends, however it ends, so a second gateway cannot take it over and nothing stale is left behind; no folder has
/// to be writable, and replacing the configuration file changes nothing. It is made of the file's resolved path.
///
/// Everybody on the machine may connect. The kernel tells who does (SO_PEERCRED), and the gateway listens to its own user
/// and root alone. Asked over the socket and not by a signal, it says whether it does what it is asked, works from other
/// process name spaces, and whoever should have taken the name by mischief is sent a word and no signal.
enum RunningGateway {
    /// Why no gateway can be told anything.
    enum Missing: Error, Equatable {
        /// None runs with this file, at least not in this network name space.
        case notRunning
        /// It runs, and does not take this from the caller's user.
        case denied
        /// Nobody answers.
        case silent
        /// The system refuses; `errno`.
        case system(Int32)
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
        guard let peer = Peer(of: descriptor) else {
            close(descriptor)
            throw .notRunning
        }
        return Found(process: peer.process > 0 ? peer.process : nil, descriptor: descriptor)
    }

    /// Who is at the other end.
    struct Peer {
        /// 0 if it is in another process name space.
        let process: pid_t
        let user: uid_t

        init?(of descriptor: Int32) {
            // `struct ucred` of unix(7), which this C library shows to GNU programs only.
            var peer: (process: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
            var length = socklen_t(MemoryLayout.size(ofValue: peer))
            guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return nil }
            process = peer.process
            user = peer.user
        }

        /// Whether a process of `owner` does what it is asked.
        static func mayAsk(_ user: uid_t, of owner: uid_t) -> Bool { user == owner || user == 0 }
    }

    private static func makeSocket() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        return descriptor >= 0 ? descriptor : nil
    }

    /// The name is bounded (107 bytes), paths are not: they are hashed (FNV-1a, 64 bits). It is a name, not a secret.
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
