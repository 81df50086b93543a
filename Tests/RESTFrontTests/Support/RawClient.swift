import Foundation
import RESTFront
import TestPeer

/// A client that sends exactly the bytes it is told to. Blocking, with a time limit on every read.
final class RawClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Response {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: String

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// The body as a JSON object.
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
        }

        var code: String? { json["code"] as? String }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// - Parameter host: The last byte of the loopback address that a TCP connection comes from.
    init(_ address: ListenAddress, from host: UInt32 = 1, timeout: Int = Patience.seconds) throws {
        switch address {
        case .tcp(_, let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var source = sockaddr_in()
            source.sin_family = sa_family_t(AF_INET)
            source.sin_addr.s_addr = (UInt32(0x7F00_0000) | host).bigEndian
            try Self.call("bind", Foundation.bind, descriptor, &source)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            try Self.call("connect", Foundation.connect, descriptor, &address)
        case .unix(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            try Self.call("connect", Foundation.connect, descriptor, &address)
        }
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private static func call<Address>(
        _ name: String, _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32,
        _ address: inout Address
    ) throws {
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "\(name): \(String(cString: strerror(errno)))") }
    }

    /// Sends all bytes; false if the peer has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Sends a request with Host, Content-Length and the headers given.
    func send(_ method: String, _ path: String, headers: [String] = [], body: String = "") {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for header in headers { text += header + "\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        send(text + "\r\n" + body)
    }

    /// Sends a request and reads its response.
    func exchange(_ method: String, _ path: String, headers: [String] = [], body: String = "") throws -> Response {
        send(method, path, headers: headers, body: body)
        return try receive(hasBody: method != "HEAD")
    }

    /// Reads one response.
    func receive(hasBody: Bool = true) throws -> Response {
        let head = try read { buffer in
            buffer.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
        }
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.removeFirst().split(separator: " ")
        guard statusLine.count >= 2, let status = Int(statusLine[1]) else {
            throw Failure(description: "no status line")
        }
        let headers = lines.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        var response = Response(status: status, headers: headers, body: "")
        if hasBody, let length = response.header("Content-Length").flatMap(Int.init) {
            response.body = String(decoding: try read { $0.count >= length ? length : nil }, as: UTF8.self)
        }
        return response
    }

    /// Whether the peer closes without another byte.
    func isClosedByPeer() -> Bool {
        var byte: UInt8 = 0
        guard buffer.isEmpty else { return false }
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || (count < 0 && errno == ECONNRESET)
    }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    private func read(_ end: ([UInt8]) -> Int?) throws -> [UInt8] {
        while true {
            if let count = end(buffer) {
                defer { buffer.removeFirst(count) }
                return Array(buffer[..<count])
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                throw Failure(description: count == 0 ? "closed" : String(cString: strerror(errno)))
            }
            buffer.append(contentsOf: chunk[..<count])
        }
    }
}
