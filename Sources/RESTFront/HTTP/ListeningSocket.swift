import Foundation

/// A bound and listening socket, and what must be tidied up with it. Whoever holds it closes it.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The bound address; the port is the real one where 0 was asked for.
    let address: ListenAddress

    /// Connections that wait to be accepted.
    private static let backlog: Int32 = 1024

    /// Binds and listens. May resolve a host name, so it may wait: call it at start, on no loop's thread.
    init(_ address: ListenAddress) throws(RESTServerError) {
        switch address {
        case .tcp(let host, let port):
            descriptor = try ListeningSocket.bindTCP(host: host, port: port)
            self.address = .tcp(host: host, port: ListeningSocket.boundPort(of: descriptor) ?? port)
        case .unix(let path):
            descriptor = try ListeningSocket.bindUnix(path: path)
            self.address = address
        }
    }

    /// Removes the file of a Unix socket. The descriptor belongs to the listener by then.
    func removeFile() {
        if case .unix(let path) = address { unlink(path) }
    }

    private static func bindTCP(host: String, port: UInt16) throws(RESTServerError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0, let first = list else {
            throw .cannotListen(.tcp(host: host, port: port), String(cString: gai_strerror(result)))
        }
        defer { freeaddrinfo(list) }
        let info = first.pointee
        let descriptor = try open(info.ai_family, for: .tcp(host: host, port: port))
        set(SO_REUSEADDR, SOL_SOCKET, on: descriptor)
        // Accepted sockets inherit it; without it an answer over TLS takes a delayed ACK longer (40 ms).
        set(TCP_NODELAY, Int32(IPPROTO_TCP), on: descriptor)
        if info.ai_family == AF_INET6 { set(IPV6_V6ONLY, Int32(IPPROTO_IPV6), on: descriptor) }
        guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
            throw failure(.tcp(host: host, port: port), closing: descriptor)
        }
        return descriptor
    }

    private static func bindUnix(path: String) throws(RESTServerError) -> Int32 {
        let descriptor = try open(AF_UNIX, for: .unix(path: path))
        var bound = withAddress(path) { bind(descriptor, $0, $1) }
        if bound != 0, errno == EADDRINUSE, !isAlive(path) {
            unlink(path)
            bound = withAddress(path) { bind(descriptor, $0, $1) }
        }
        guard bound == 0, listen(descriptor, backlog) == 0 else {
            throw failure(.unix(path: path), closing: descriptor)
        }
        return descriptor
    }

    /// Whether somebody listens at `path`, or something else than a socket is there.
    private static func isAlive(_ path: String) -> Bool {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | cloexec, 0)
        guard probe >= 0 else { return true }
        defer { close(probe) }
        return withAddress(path) { connect(probe, $0, $1) } == 0 || errno != ECONNREFUSED
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func open(_ family: Int32, for address: ListenAddress) throws(RESTServerError) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | cloexec | nonblock, 0)
        guard descriptor >= 0 else { throw .cannotListen(address, String(cString: strerror(errno))) }
        return descriptor
    }

    private static func failure(_ address: ListenAddress, closing descriptor: Int32) -> RESTServerError {
        let cause = String(cString: strerror(errno))
        close(descriptor)
        return .cannotListen(address, cause)
    }

    private static func set(_ option: Int32, _ level: Int32, on descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func boundPort(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { bytes in
            // sin_port and sin6_port are at the same place (sockaddr_in, sockaddr_in6).
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }

    private static let cloexec = Int32(SOCK_CLOEXEC.rawValue)
    private static let nonblock = Int32(SOCK_NONBLOCK.rawValue)
}

/// Why the server does not start.
public enum RESTServerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address cannot be listened on; the system's reason.
    case cannotListen(ListenAddress, String)
    /// The event library or the system refused what the server needs to run.
    case cannotRun(String)
    /// A server is started once.
    case alreadyStarted

    /// The cause, for the operator.
    public var description: String {
        switch self {
        case .cannotListen(let address, let cause): "cannot listen on \(address): \(cause)"
        case .cannotRun(let cause): "cannot run the HTTP server: \(cause)"
        case .alreadyStarted: "the HTTP server has been started before"
        }
    }
}
