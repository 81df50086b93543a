import Foundation
import Synchronization
import TestPeer
import TestTLS

@testable import RESTFront

/// A live server over TLS, with certificates of its own.
final class SecureServer: Sendable {
    /// Of the server and of good clients.
    let certificates: TestAuthority
    let pair: TestAuthority.Pair
    let calls: FakeCalls
    let port: UInt16
    private let server: RESTServer
    private let failed: Mailbox<TLSFailure>

    /// Runs `body` against a server and stops it afterwards, whatever `body` came to.
    static func run(
        demandsCertificates: Bool = false, calls: FakeCalls = FakeCalls(),
        configure: (inout RESTServer.Options, TestAuthority.Pair) -> Void, _ body: (SecureServer) async throws -> Void
    ) async throws {
        let secure = try SecureServer(demandsCertificates, calls, configure)
        do {
            try await body(secure)
        } catch {
            await secure.server.stop(within: .seconds(1))
            throw error
        }
        await secure.server.stop(within: .seconds(5))
    }

    /// The same with options that need not the server's own pair of files.
    static func run(
        demandsCertificates: Bool = false, calls: FakeCalls = FakeCalls(),
        configure: (inout RESTServer.Options) -> Void = { _ in }, _ body: (SecureServer) async throws -> Void
    ) async throws {
        try await run(
            demandsCertificates: demandsCertificates, calls: calls, configure: { options, _ in configure(&options) },
            body)
    }

    private init(
        _ demandsCertificates: Bool, _ calls: FakeCalls,
        _ configure: (inout RESTServer.Options, TestAuthority.Pair) -> Void
    ) throws {
        certificates = try TestAuthority()
        pair = try certificates.issue("server", names: "DNS:localhost,IP:127.0.0.1")
        self.calls = calls
        let failed = Mailbox<TLSFailure>()
        self.failed = failed
        var options = RESTServer.Options(listen: [.tcp(host: "127.0.0.1", port: 0)])
        options.tls = try ServerTLS(
            certificate: pair.certificate, key: pair.key, clientCA: demandsCertificates ? certificates.ca : nil)
        options.onTLSFailure = { failed.put($0) }
        configure(&options, pair)
        server = RESTServer(options: options, calls: calls, authenticator: InsecureAuthenticator())
        guard case .tcp(_, let port) = try server.start()[0] else { throw RawClient.Failure(description: "no port") }
        self.port = port
    }

    var address: ListenAddress { .tcp(host: "127.0.0.1", port: port) }

    /// A client that believes this server alone.
    func client(_ change: (inout TLSClient.Wishes) -> Void = { _ in }) throws -> TLSClient {
        var wishes = TLSClient.Wishes(ca: certificates.ca)
        change(&wishes)
        return try TLSClient(port: port, wishes)
    }

    /// The next failure that is told.
    func failure() async throws -> TLSFailure {
        guard let failure = await failed.next() else { throw PatienceLost("failure of TLS", ladder: "") }
        return failure
    }

    /// Failures that were told and not taken.
    var untakenFailures: [TLSFailure] { failed.values }

    func statistics() async -> HTTPStatistics? { await server.statistics() }

    /// Connections from now on are made with these, and requests are answered as by the same options otherwise.
    func use(_ tls: ServerTLS) async {
        var options = RESTServer.Options(listen: [address])
        options.tls = tls
        server.apply(options, authenticator: InsecureAuthenticator())
        // The HTTP thread has taken it once it answers what was asked afterwards.
        _ = await server.statistics()
    }
}
