import Synchronization
import TestPeer
import TestTLS
import Testing

/// What a scene's API is reached with over mutual TLS.
final class SecureAPI: Sendable {
    /// Of the gateway and of the applications.
    let certificates: TestAuthority
    /// The gateway's; its files are what the configuration names.
    let gateway: TestAuthority.Pair
    /// The application's.
    let application: TestAuthority.Pair
    /// Between the scene's HTTP client and the gateway.
    private let relay: TLSRelay

    private static let all = Mutex<[UInt16: SecureAPI]>([:])

    /// That of the scene that runs.
    static func current() throws -> SecureAPI {
        let port = try scene().gateway.configuration.httpPort
        return try #require(all.withLock { $0[port] }, "the suite's plan has no secure API")
    }

    private init(_ port: UInt16, at relayPort: UInt16) throws {
        certificates = try TestAuthority()
        gateway = try certificates.issue("gateway", names: "DNS:gw.example,IP:127.0.0.1")
        application = try certificates.issue("application", names: "DNS:app.example")
        relay = try TLSRelay(port: relayPort, overTLSTo: port, as: application, demanding: certificates.ca)
    }

    static func prepare(_ configuration: inout GatewayConfiguration) throws {
        let relayPort = try FreePort.next()
        let secure = try SecureAPI(configuration.httpPort, at: relayPort)
        all.withLock { $0[configuration.httpPort] = secure }
        configuration.clientPort = relayPort
        configuration.api.append(secure.line())
    }

    /// The configuration's line with the gateway's certificate and `ca`, the tests' own by default.
    func line(clientCA ca: String? = nil) -> String {
        "tls: {certificate: \"\(gateway.certificate)\", key: \"\(gateway.key)\", clientCA: \"\(ca ?? certificates.ca)\"}"
    }

    /// How the gateway answers a client of its own that shows `pair` and believes `ca`; nil if it does not.
    func answer(
        to pair: TestAuthority.Pair?, trusting ca: String? = nil, version: TLSClient.Version? = nil
    ) async throws -> Int? {
        let port = try scene().gateway.configuration.httpPort
        let wishes = TLSClient.Wishes(ca: ca ?? certificates.ca, as: pair, version: version)
        return await Task.detached {
            try? TLSClient(port: port, wishes).exchange("GET", "\(Attempt.sessions)/none").status
        }.value
    }
}

extension ScenePlan {
    /// Applications come over mutual TLS.
    static let secureAPI = ScenePlan { configuration, places in
        try standard.prepare(&configuration, places)
        try SecureAPI.prepare(&configuration)
    }
}
