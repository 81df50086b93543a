import Foundation
import Synchronization
import TestPeer
import TestSink

@testable import RESTFront

/// An OpenID provider on loopback that answers what its script says: plain HTTP, one thread a connection, keep-alive.
final class TestProvider: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        /// By lower-case name.
        var headers: [String: String]
        var body: String
    }

    indirect enum Reply: Sendable {
        case answer(Int, String = "", headers: [String: String] = [:])
        /// These bytes as they are, and the end of the connection.
        case raw(String)
        case close
        /// Only when the gate is opened.
        case wait(Gate, Reply)

        static func json(_ text: String, headers: [String: String] = [:]) -> Reply {
            .answer(200, text, headers: headers)
        }

        static func keys(_ set: Data, headers: [String: String] = [:]) -> Reply {
            .json(String(decoding: set, as: UTF8.self), headers: headers)
        }
    }

    typealias Script = @Sendable (Request) -> Reply

    private struct State {
        var script: Script
        var requests: [Request] = []
        var sockets: Set<SharedSocket> = []
        var isStopped = false
    }

    let port: UInt16
    /// Every request as it comes, before it is answered.
    let arrivals = Mailbox<Request>()
    private let listener: SharedSocket
    private let state: Mutex<State>

    /// - Parameter port: 0 for any.
    init(port: UInt16 = 0, script: @escaping Script) throws {
        state = Mutex(State(script: script))
        let (listener, port) = try Self.listen(port)
        (self.listener, self.port) = (SharedSocket(listener), port)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    func url(_ path: String = "/keys") throws -> ProviderURL {
        try ProviderURL("http://127.0.0.1:\(port)\(path)")
    }

    /// All requests so far.
    var requests: [Request] { state.withLock { $0.requests } }

    /// Answers otherwise from now on.
    func answer(_ script: @escaping Script) { state.withLock { $0.script = script } }

    /// Stops listening and cuts every connection.
    func stop() {
        let sockets = state.withLock { state in
            state.isStopped = true
            return state.sockets
        }
        listener.end()
        for socket in sockets { socket.end() }
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
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && Glibc.listen(listener, 256) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard isBound else {
            close(listener)
            throw RawClient.Failure(description: "cannot listen on \(port): \(errno)")
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func acceptAll() {
        defer { listener.close() }
        while let socket = listener.accept() {
            let isStopped = state.withLock { state in
                if !state.isStopped { state.sockets.insert(socket) }
                return state.isStopped
            }
            guard !isStopped else {
                socket.close()
                continue
            }
            let thread = Thread { [self] in
                serve(socket.descriptor)
                state.withLock { _ = $0.sockets.remove(socket) }
                socket.close()
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    private func serve(_ socket: Int32) {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            while let request = Self.takeRequest(from: &buffer) {
                let script = state.withLock { state in
                    state.requests.append(request)
                    return state.script
                }
                arrivals.put(request)
                guard reply(script(request), on: socket) else { return }
            }
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            buffer.append(contentsOf: chunk[..<count])
        }
    }

    private static func takeRequest(from buffer: inout [UInt8]) -> Request? {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let length = headers["content-length"].flatMap(Int.init) ?? 0
        guard buffer.count >= end.upperBound + length else { return nil }
        let body = String(decoding: buffer[end.upperBound..<(end.upperBound + length)], as: UTF8.self)
        buffer.removeFirst(end.upperBound + length)
        return Request(method: String(words[0]), path: String(words[1]), headers: headers, body: body)
    }

    /// False if the connection ends with it.
    private func reply(_ reply: Reply, on socket: Int32) -> Bool {
        switch reply {
        case .answer(let status, let body, let headers):
            var text = "HTTP/1.1 \(status) Test\r\nContent-Length: \(body.utf8.count)\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            return write(text + "\r\n" + body, to: socket)
        case .raw(let text):
            _ = write(text, to: socket)
            return false
        case .close: return false
        case .wait(let gate, let then):
            gate.pass()
            return self.reply(then, on: socket)
        }
    }

    private func write(_ text: String, to socket: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// A clock that a test sets.
final class TestClock: Sendable {
    private let time: Mutex<Double>

    init(_ seconds: Double) { time = Mutex(seconds) }

    /// Seconds.
    var now: Double { time.withLock { $0 } }
    /// Nanoseconds.
    var nanoseconds: UInt64 { UInt64(now * 1e9) }

    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}
