import CServerTLS
import Foundation
import LibEvent

/// What is particular to a connection over TLS. While its handshake goes on it is in the state that a new connection in clear is
/// in, with the same deadline: a client has so long for the handshake and its first byte together.
extension HTTPConnection {
    /// Why no connection came about; nil if there is one, or if the client never said a word, as load balancers do that only
    /// look whether somebody listens.
    var tlsFailure: TLSFailure? {
        guard let tls, !server_tls_is_open(tls), server_tls_has_begun(tls) else { return nil }
        // The library tells its errors the last one first, down to the kind of failure. What came first is the cause.
        var cause: UInt32 = 0
        var error = bufferevent_get_openssl_error(bufferevent)
        while error != 0 {
            let next = bufferevent_get_openssl_error(bufferevent)
            if next != 0 { cause = UInt32(truncatingIfNeeded: error) }
            error = next
        }
        return TLSFailure(client: clientAddress, reason: String(cString: server_tls_reason(tls, cause)))
    }

    /// Without the port; of a Unix socket empty.
    var clientAddress: String {
        var address: UnsafeMutablePointer<CChar>?
        var port: UInt16 = 0
        if let library { evhttp_connection_get_peer(library, &address, &port) }
        return address.map { String(cString: $0) } ?? ""
    }
}
