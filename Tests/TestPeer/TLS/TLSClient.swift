import CTestTLS
import TestTLS

/// A client of a server that speaks HTTP over TLS on the loopback. Blocking, with a time limit on everything.
package final class TLSClient {
    /// A version that is the only one spoken.
    package enum Version: Int32, Sendable {
        case tls11 = 0x0302
        case tls12 = 0x0303
        case tls13 = 0x0304
    }

    /// What is particular about a client.
    package struct Wishes: Sendable {
        /// Whom the server's certificate must come from; nil: anybody is believed.
        package var ca: String?
        /// Shown to the server.
        package var pair: TestAuthority.Pair?
        /// Offered by ALPN.
        package var alpn: String?
        /// Asked for by SNI.
        package var name: String?
        /// Of TLS 1.2, as OpenSSL writes them.
        package var ciphers: String?
        package var version: Version?

        package init(
            ca: String? = nil, as pair: TestAuthority.Pair? = nil, alpn: String? = nil, name: String? = nil,
            ciphers: String? = nil, version: Version? = nil
        ) {
            (self.ca, self.pair, self.alpn, self.name) = (ca, pair, alpn, name)
            (self.ciphers, self.version) = (ciphers, version)
        }
    }

    private var client: OpaquePointer?
    private var buffer: [UInt8] = []

    /// - Throws: a ``SocketError`` with the reason if the handshake fails.
    package init(port: UInt16, _ wishes: Wishes = Wishes()) throws {
        test_block_sigpipe()
        var reason = [CChar](repeating: 0, count: 256)
        client = wishes.withRaw { raw in
            var raw = raw
            return test_client_connect(Int32(port), &raw, Int32(Patience.seconds), &reason, reason.count)
        }
        if client == nil { throw SocketError(explaining: TLSClient.text(reason)) }
    }

    deinit { close() }

    /// Such as `TLSv1.3`.
    package var version: String { client.map { String(cString: test_client_version($0)) } ?? "" }
    /// As OpenSSL calls it.
    package var cipher: String { client.map { String(cString: test_client_cipher($0)) } ?? "" }
    /// What ALPN has come to; empty for nothing.
    package var alpn: String {
        var text = [CChar](repeating: 0, count: 256)
        if let client { test_client_protocol(client, &text, text.count) }
        return TLSClient.text(text)
    }

    /// Sends all of it in one record per 16 KiB; false if the server has closed.
    @discardableResult
    package func send(_ text: String) -> Bool {
        test_block_sigpipe()
        let bytes = Array(text.utf8)
        return client.map { test_client_write($0, bytes, Int32(bytes.count)) == Int32(bytes.count) } ?? false
    }

    /// Sends bytes past TLS, such as a part of a record; false if the server has closed.
    @discardableResult
    package func send(raw bytes: [UInt8]) -> Bool {
        client.map { test_client_write_raw($0, bytes, Int32(bytes.count)) == Int32(bytes.count) } ?? false
    }

    /// The next response.
    package func response() throws -> HTTPResponse {
        while true {
            if let response = try HTTPResponse.take(from: &buffer, atEnd: false) { return response }
            guard let more = read() else { throw SocketError(explaining: "closed before a response") }
            buffer += more
        }
    }

    /// Sends a request with a Host and, if there is one, its body, and reads its response.
    package func exchange(_ method: String, _ path: String, headers: [String] = [], body: String = "") throws
        -> HTTPResponse
    {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for header in headers { text += header + "\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        send(text + "\r\n" + body)
        return try response()
    }

    /// Whether the server closes without another byte.
    package func isClosedByServer() -> Bool { buffer.isEmpty && read() == nil }

    /// Renews its keys so often at a stroke; false if the server has closed.
    package func renewKeys(_ count: Int) -> Bool {
        client.map { test_client_renew_keys($0, Int32(count)) == 0 } ?? false
    }

    /// Says goodbye and closes, or resets the connection.
    package func close(politely: Bool = true) {
        test_block_sigpipe()
        if let client { test_client_close(client, politely ? 1 : 0) }
        client = nil
    }

    private func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        guard let client else { return nil }
        let count = test_client_read(client, &bytes, Int32(bytes.count))
        return count > 0 ? Array(bytes[..<Int(count)]) : nil
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension TLSClient.Wishes {
    fileprivate func withRaw<Result>(_ body: (test_client_wishes) -> Result) -> Result {
        withCString(ca) { ca in
            withCString(pair?.certificate) { certificate in
                withCString(pair?.key) { key in
                    withCString(alpn) { alpn in
                        withCString(name) { name in
                            withCString(ciphers) { ciphers in
                                body(
                                    test_client_wishes(
                                        ca: ca, certificate: certificate, key: key, protocol: alpn, name: name,
                                        ciphers: ciphers, version: version?.rawValue ?? 0))
                            }
                        }
                    }
                }
            }
        }
    }
}

private func withCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
