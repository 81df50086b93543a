import CServerTLS
import LibEvent

/// What HTTPS is served with (configuration `api.tls`): a certificate, its key and, for mutual TLS, the authorities of clients,
/// as they were in their files when it was made. TLS 1.2 and 1.3; ALPN `http/1.1`; whichever name a client asks for, the
/// certificate is the same. Any thread.
public final class ServerTLS: @unchecked Sendable {
    // Unchecked: it is not changed once it is made, and OpenSSL counts who uses it.

    /// Why files cannot be used.
    public struct Unusable: Error, CustomStringConvertible, Sendable, Equatable {
        /// `api.tls: ` and what is wrong.
        public let description: String
    }

    private let handle: OpaquePointer
    private let makeConnection: @Sendable (OpaquePointer) -> OpaquePointer?

    /// Reads the files, in PEM. Blocks on them.
    /// - Parameters:
    ///   - certificate: ours, and what leads from it to the root.
    ///   - key: the certificate's.
    ///   - clientCA: the authorities that each client's certificate must come from; nil: clients need none.
    public convenience init(certificate: String, key: String, clientCA: String? = nil) throws(Unusable) {
        try self.init(certificate: certificate, key: key, clientCA: clientCA) { server_tls_connection($0) }
    }

    /// - Parameter makeConnection: makes the TLS of one connection out of the context's handle; nil without memory.
    init(
        certificate: String, key: String, clientCA: String?,
        makeConnection: @escaping @Sendable (OpaquePointer) -> OpaquePointer?
    ) throws(Unusable) {
        var reason = [CChar](repeating: 0, count: 256)
        let made =
            if let clientCA {
                server_tls_create(certificate, key, clientCA, &reason, reason.count)
            } else {
                server_tls_create(certificate, key, nil, &reason, reason.count)
            }
        guard let made else {
            let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw Unusable(description: "api.tls: \(text)")
        }
        handle = made
        self.makeConnection = makeConnection
    }

    deinit { server_tls_free(handle) }

    /// For a connection that is to be accepted; nil without memory. It owns its TLS and its socket.
    func makeBufferevent(on base: OpaquePointer) -> OpaquePointer? {
        makeConnection(handle).flatMap { connection in
            bufferevent_openssl_socket_new(
                base, -1, connection, BUFFEREVENT_SSL_ACCEPTING, Int32(BEV_OPT_CLOSE_ON_FREE.rawValue))
        }
    }
}

/// A client with whom no TLS connection came about.
public struct TLSFailure: Sendable, Equatable {
    /// Its address, without the port; of a Unix socket empty.
    public var client: String
    /// Why, in OpenSSL's words.
    public var reason: String
}
