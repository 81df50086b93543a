import Foundation
import Synchronization

/// One HTTP/1.1 connection: bytes out, whole responses in.
package final class HTTPConnection: Sendable {
    private enum Arrival: Sendable {
        case response(HTTPResponse)
        case end(String)
    }

    private static let loop = Result { try ReadLoop(name: "http client") }
    private let stream: TCPStream
    private let arrivals = Mailbox<Arrival>()
    private let hasEnded = Mutex(false)

    /// Connects to `port` on loopback, from the loopback address `source` if one is given.
    package init(port: UInt16, from source: String? = nil) throws {
        stream = try TCPStream(to: SocketAddress(port: port), from: source, loop: HTTPConnection.loop.get())
        let buffer = Mutex<[UInt8]>([])
        stream.start { [weak self] bytes in
            let found = buffer.withLock { buffer -> [Arrival] in
                buffer += bytes ?? []
                var found: [Arrival] = []
                do {
                    while let response = try HTTPResponse.take(from: &buffer, atEnd: bytes == nil) {
                        found.append(.response(response))
                    }
                } catch {
                    found.append(.end("\(error)"))
                }
                if bytes == nil { found.append(.end("closed by the server with \(buffer.count) bytes unread")) }
                return found
            }
            guard let self else { return }
            if bytes == nil { hasEnded.withLock { $0 = true } }
            for arrival in found { arrivals.put(arrival) }
        }
    }

    /// Whether the server has closed it.
    package var isClosed: Bool { hasEnded.withLock { $0 } }

    /// Sends any bytes; false if the connection is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool { stream.send(bytes) }

    /// Sends a request with its Host and Content-Length.
    @discardableResult
    package func send(
        _ method: String, _ path: String, headers: [WireMessage.Header] = [], body: [UInt8]? = nil
    ) -> Bool {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        if let body { text += "Content-Length: \(body.count)\r\n" }
        return send(Array((text + "\r\n").utf8) + (body ?? []))
    }

    /// The next response.
    /// - Throws: if the connection ends before it, or none comes in time.
    package func response(within patience: Duration = Patience.standard) async throws -> HTTPResponse {
        switch await arrivals.next(within: patience) {
        case .response(let response): return response
        case .end(let why):
            arrivals.put(.end(why))
            throw SocketError(explaining: "no HTTP response: \(why)")
        case nil: throw PatienceLost("HTTP response", ladder: "  (nothing)")
        }
    }

    /// Returns when the server has closed the connection.
    package func closed(within patience: Duration = Patience.standard) async throws {
        let end = await arrivals.next(within: patience) { if case .end = $0 { true } else { false } }
        if end == nil { throw PatienceLost("end of the connection", ladder: "  (still open)") }
    }

    /// Goes away, whatever is under way.
    package func close() { stream.close() }
}
