import Glibc

/// Sends requests that are not measured: many at a time, one on each of a few connections, so that answers that wait for
/// the gateway's store wait together. Blocks.
final class PlainClient {
    struct Request {
        let method: String
        let path: String
        let token: String
        var body = ""
    }

    struct Response {
        let status: Int
        let body: [UInt8]

        /// The text of a string member, given with its quotes.
        func string(_ name: StaticString) -> String? {
            body.withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return nil }
                return SessionJSON.string(name, in: start, bytes.count).map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    /// Connections, and with them requests at a time.
    static let width = 64
    private static let patience = timeval(tv_sec: 10, tv_usec: 0)

    private let port: UInt16
    private var connections: [Int32] = []

    init(port: UInt16) { self.port = port }

    deinit { for descriptor in connections { close(descriptor) } }

    /// The responses in the order of the requests.
    func send(_ requests: [Request]) throws -> [Response] {
        var responses: [Response] = []
        responses.reserveCapacity(requests.count)
        while responses.count < requests.count {
            let batch = requests[responses.count...].prefix(PlainClient.width)
            while connections.count < batch.count { connections.append(try connect()) }
            for (request, connection) in zip(batch, connections) { try write(request, to: connection) }
            for connection in connections.prefix(batch.count) { responses.append(try response(from: connection)) }
        }
        return responses
    }

    private func connect() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError.system("socket", errno) }
        var patience = PlainClient.patience
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in.loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw BenchError.system("connect", code)
        }
        return descriptor
    }

    private func write(_ request: Request, to descriptor: Int32) throws {
        let text =
            "\(request.method) \(request.path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "Authorization: Bearer \(request.token)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(request.body.utf8.count)\r\n\r\n\(request.body)"
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchError.system("send", errno)
        }
    }

    private func response(from descriptor: Int32) throws -> Response {
        var input: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while input.count < 1 << 20 {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchError.system("recv", count == 0 ? ECONNRESET : errno) }
            input += chunk[..<count]
            let reading = input.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { HTTPResponse.read($0, bytes.count) } ?? .incomplete
            }
            switch reading {
            case .incomplete: continue
            case .malformed: throw BenchError.enrolment("a malformed response")
            case .complete(let head):
                return Response(status: head.status, body: Array(input[head.bodyStart..<head.end]))
            }
        }
        throw BenchError.enrolment("an endless response")
    }
}
