import Glibc

/// One keep-alive connection to the gateway's API, with one request under way at most.
final class HTTPConnection {
    /// The operation of the call handling API that a request is.
    enum Operation { case create, ring, answer, read, delete }

    struct Exchange {
        let operation: Operation
        let call: CallReference
    }

    enum Arrival {
        case nothing
        case response(HTTPResponse, Exchange)
        case malformed(Exchange?)
        /// The peer closed the connection, or the kernel reported an error.
        case closed(Exchange?)
    }

    let descriptor: Int32
    /// Position in the pool, which is also its key with the poller.
    let index: Int
    private(set) var exchange: Exchange?
    private(set) var idleSince: Nanoseconds
    /// The bytes received; a response's body is in them until ``finishResponse(_:at:)``.
    let input: UnsafeMutablePointer<UInt8>
    private var inputCount = 0
    private var output: [UInt8] = []

    private static let inputCapacity = 65_536

    init(descriptor: Int32, index: Int, at now: Nanoseconds) {
        self.descriptor = descriptor
        self.index = index
        idleSince = now
        input = .allocate(capacity: HTTPConnection.inputCapacity)
    }

    deinit {
        close(descriptor)
        input.deallocate()
    }

    /// Starts a non-blocking connection to 127.0.0.1.
    static func open(port: UInt16, index: Int, at now: Nanoseconds) throws -> HTTPConnection {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw BenchError.system("socket", errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 || errno == EINPROGRESS else {
            let code = errno
            close(descriptor)
            throw BenchError.system("connect", code)
        }
        return HTTPConnection(descriptor: descriptor, index: index, at: now)
    }

    var hasPendingOutput: Bool { !output.isEmpty }

    /// Sends a request, now as far as the kernel takes it; the rest waits for ``writeMore()``.
    func send(_ bytes: UnsafePointer<UInt8>, _ count: Int, exchange: Exchange) {
        self.exchange = exchange
        let sent = Glibc.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
        if sent == count { return }
        output.append(contentsOf: UnsafeBufferPointer(start: bytes + max(sent, 0), count: count - max(sent, 0)))
    }

    /// Goes on with a request that did not go out at once. A broken connection shows when it is read.
    func writeMore() {
        let sent = output.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent > 0 { output.removeFirst(sent) }
    }

    /// Reads what has arrived.
    func receive() -> Arrival {
        let room = HTTPConnection.inputCapacity - inputCount
        guard room > 0 else { return .malformed(exchange) }
        let count = recv(descriptor, input + inputCount, room, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .nothing : .closed(exchange) }
        if count == 0 { return .closed(exchange) }
        inputCount += count
        guard let exchange else { return .malformed(nil) }
        switch HTTPResponse.read(input, inputCount) {
        case .incomplete: return .nothing
        case .malformed: return .malformed(exchange)
        case .complete(let response):
            // One request at a time: anything behind its response is nothing we asked for.
            return response.end == inputCount ? .response(response, exchange) : .malformed(exchange)
        }
    }

    /// Forgets the response and makes the connection free for the next request.
    func finishResponse(at now: Nanoseconds) {
        inputCount = 0
        exchange = nil
        idleSince = now
    }
}

extension sockaddr_in {
    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
