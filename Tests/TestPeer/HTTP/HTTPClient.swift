import Synchronization

/// An HTTP client that keeps its connections.
package final class HTTPClient: Sendable {
    /// The server's port on loopback.
    package let port: UInt16
    private let usual: [WireMessage.Header]
    private let idle = Mutex<[HTTPConnection]>([])

    /// `headers` go with every request.
    package init(port: UInt16, headers: [WireMessage.Header] = []) {
        self.port = port
        usual = headers
    }

    /// Sends one request and returns its response. A JSON `body` brings its Content-Type.
    package func send(
        _ method: String, _ path: String, headers: [WireMessage.Header] = [], json: JSONValue? = nil,
        within patience: Duration = Patience.standard
    ) async throws -> HTTPResponse {
        let body = try json?.bytes
        let type: [WireMessage.Header] = body == nil ? [] : [.init("Content-Type", "application/json")]
        return try await send(method, path, headers: type + headers, body: body, within: patience)
    }

    /// Sends one request with any bytes as its body.
    package func send(
        _ method: String, _ path: String, headers: [WireMessage.Header], body: [UInt8]?,
        within patience: Duration = Patience.standard
    ) async throws -> HTTPResponse {
        let connection = try takeConnection()
        let own = usual.filter { usual in !headers.contains { $0.name.isSame(as: usual.name) } }
        connection.send(method, path, headers: own + headers, body: body)
        let response = try await connection.response(within: patience)
        if response.closesConnection { connection.close() } else { idle.withLock { $0.append(connection) } }
        return response
    }

    private func takeConnection() throws -> HTTPConnection {
        while let connection = idle.withLock({ $0.popLast() }) {
            if !connection.isClosed { return connection }
            connection.close()
        }
        return try HTTPConnection(port: port)
    }

    /// Closes the connections that wait for a next request.
    package func closeIdle() {
        let connections = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        for connection in connections { connection.close() }
    }
}
