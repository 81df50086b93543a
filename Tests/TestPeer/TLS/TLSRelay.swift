import CTestTLS
import TestTLS

/// Makes a plain peer one that speaks TLS: what comes over TLS goes on plain, or the other way round, with the certificates
/// that a test says. It lives as long as the process if it is not stopped.
package final class TLSRelay: @unchecked Sendable {
    // Unchecked: the relay has a lock of its own.
    /// What it has seen.
    package struct Counts: Sendable {
        package let connections: Int
        package let handshakes: Int
        /// Handshakes in which the peer had a certificate.
        package let certified: Int
        /// Of plain text that came over TLS.
        package let bytes: Int
        /// The last server name asked for; empty without one.
        package let name: String
        /// Of the last handshake, such as `TLSv1.3`.
        package let version: String
    }

    /// Where it takes connections.
    package let address: SocketAddress
    private let relay: OpaquePointer

    /// Takes TLS on `port` and goes on plain to `target`.
    package convenience init(
        port: UInt16, to target: UInt16, as pair: TestAuthority.Pair, demanding ca: String? = nil,
        oldestOnly: Bool = false
    ) throws {
        try self.init(false, port, target, pair, ca, oldestOnly)
    }

    /// Takes plain connections on `port` and goes on over TLS to `target`.
    package convenience init(
        port: UInt16, overTLSTo target: UInt16, as pair: TestAuthority.Pair? = nil, demanding ca: String? = nil
    ) throws {
        try self.init(true, port, target, pair, ca, false)
    }

    private init(
        _ isTowardsTLS: Bool, _ port: UInt16, _ target: UInt16, _ pair: TestAuthority.Pair?, _ ca: String?,
        _ oldestOnly: Bool
    ) throws {
        address = SocketAddress(port: port)
        let started = test_relay_start(
            isTowardsTLS ? 1 : 0, Int32(port), Int32(target), pair?.certificate, pair?.key, ca, oldestOnly ? 1 : 0)
        guard let started else { throw TestAuthority.Failure(description: "no TLS relay on port \(port)") }
        relay = started
    }

    deinit { test_relay_stop(relay) }

    package var counts: Counts {
        let raw = test_relay_look(relay)
        return Counts(
            connections: Int(raw.connections), handshakes: Int(raw.handshakes), certified: Int(raw.certified),
            bytes: raw.bytes, name: TLSRelay.text(raw.name), version: TLSRelay.text(raw.version))
    }

    /// Cuts every connection.
    package func cut() { test_relay_cut(relay) }

    private static func text<Tuple>(_ characters: Tuple) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
