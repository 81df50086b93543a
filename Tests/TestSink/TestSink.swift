import CTestTLS
import Foundation
import Synchronization
import TestTLS

/// An HTTPS server on loopback that does what its script says: one thread a connection, blocking, keep-alive.
package final class TestSink: Sendable {
    package typealias Script = @Sendable (SinkRequest) -> SinkReply

    private struct State {
        var requests: [SinkRequest] = []
        var sockets: Set<SharedSocket> = []
        var connections = 0
        var failedHandshakes = 0
        var isStopped = false
    }

    private let listener: SharedSocket
    private let identity: Identity
    private let script: Script
    private let keepsRequests: Bool
    private let state = Mutex(State())
    /// Where it listens on 127.0.0.1.
    package let port: UInt16

    /// - Parameters:
    ///   - names: what its certificate is for, as OpenSSL writes a subjectAltName.
    ///   - port: 0 for any.
    ///   - keepsRequests: false for long runs.
    package init(
        _ authority: TestAuthority, names: String = "DNS:localhost,IP:127.0.0.1", port: UInt16 = 0,
        oldTLS: Bool = false, keepsRequests: Bool = true, script: @escaping Script = { _ in .status(204) }
    ) throws {
        guard let identity = test_identity_create(authority.handle, names, oldTLS ? 1 : 0) else {
            throw TestAuthority.Failure(description: "no identity for \(names)")
        }
        self.identity = Identity(handle: identity)
        self.script = script
        self.keepsRequests = keepsRequests
        let (listener, port) = try TestSink.listen(port)
        (self.listener, self.port) = (SharedSocket(listener), port)
        let thread = Thread { [self] in acceptAll() }
        thread.start()
    }

    /// `https://localhost:PORT/path`
    package func url(_ path: String = "/events", host: String = "localhost") -> String {
        "https://\(host):\(port)\(path)"
    }

    /// All requests so far.
    package var requests: [SinkRequest] { state.withLock { $0.requests } }
    /// TCP connections so far, and those on which TLS failed.
    package var connections: Int { state.withLock { $0.connections } }
    package var failedHandshakes: Int { state.withLock { $0.failedHandshakes } }

    /// Stops listening and cuts every connection.
    package func stop() {
        let sockets = state.withLock { state in
            state.isStopped = true
            return state.sockets
        }
        listener.end()
        for socket in sockets { socket.end() }
    }

    // MARK: - Sockets

    private final class Identity: @unchecked Sendable {
        // Unchecked: an SSL_CTX may be used by any number of threads.
        let handle: OpaquePointer
        init(handle: OpaquePointer) { self.handle = handle }
        deinit { test_identity_free(handle) }
    }

    private static func listen(_ port: UInt16) throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && Glibc.listen(listener, 1_024) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard bound else {
            close(listener)
            throw TestAuthority.Failure(description: "cannot listen on \(port): \(errno)")
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func acceptAll() {
        defer { listener.close() }
        while let socket = listener.accept() {
            var one: Int32 = 1
            setsockopt(
                socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            let number = state.withLock { state -> Int? in
                if state.isStopped { return nil }
                state.connections += 1
                state.sockets.insert(socket)
                return state.connections
            }
            guard let number else {
                socket.close()
                continue
            }
            let thread = Thread { [self] in
                test_block_sigpipe()
                serve(socket.descriptor, number)
                state.withLock { _ = $0.sockets.remove(socket) }
                socket.close()
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    private func serve(_ socket: Int32, _ number: Int) {
        guard let connection = test_connection_accept(identity.handle, socket) else {
            state.withLock { $0.failedHandshakes += 1 }
            return
        }
        defer { test_connection_close(connection) }
        var reader = RequestReader(connection: number)
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            while let request = reader.next() {
                if keepsRequests { state.withLock { $0.requests.append(request) } }
                guard answer(script(request), on: connection) else { return }
            }
            let count = test_connection_read(connection, &chunk, Int32(chunk.count))
            guard count > 0 else { return }
            reader.append(chunk[..<Int(count)])
        }
    }

    /// False if the connection ends with it.
    private func answer(_ reply: SinkReply, on connection: OpaquePointer) -> Bool {
        switch reply {
        case .status(let status, let headers, let bodyBytes):
            var head = "HTTP/1.1 \(status) Test\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            if status != 204 { head += "Content-Length: \(bodyBytes)\r\n" }
            return write(
                Array((head + "\r\n").utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: bodyBytes), connection)
        case .raw(let text):
            _ = write(Array(text.utf8), connection)
            return false
        case .close: return false
        case .wait(let gate, let status):
            gate.pass()
            return answer(.status(status), on: connection)
        }
    }

    private func write(_ bytes: [UInt8], _ connection: OpaquePointer) -> Bool {
        test_connection_write(connection, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }
}
