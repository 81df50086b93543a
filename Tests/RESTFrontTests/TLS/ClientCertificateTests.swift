import Foundation
import TestPeer
import TestTLS
import Testing

@testable import RESTFront

/// Mutual TLS, and certificates that change.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ClientCertificateTests {
    /// Whether the server answers; TLS 1.3 tells a client of its certificate's refusal only after the client's handshake.
    private func isServed(_ server: SecureServer, _ change: (inout TLSClient.Wishes) -> Void) -> Bool {
        (try? server.client(change).exchange("GET", "/x").status) == 404
    }

    @Test("A client needs a certificate of the authority, in force", arguments: [TLSClient.Version.tls12, .tls13])
    func mutual(version: TLSClient.Version) async throws {
        try await SecureServer.run(demandsCertificates: true) { server in
            let good = try server.certificates.issue("app", names: "DNS:app.example")
            let expired = try server.certificates.issue("old", names: "DNS:app.example", lasting: .seconds(-60))
            let others = try TestAuthority()
            let stranger = try others.issue("app", names: "DNS:app.example")
            let own = try others.issue("self", names: "DNS:app.example", selfSigned: true)
            func isServed(_ pair: TestAuthority.Pair?) -> Bool {
                self.isServed(server) {
                    $0.pair = pair
                    $0.version = version
                }
            }
            #expect(isServed(good))
            #expect(!isServed(nil))
            #expect(try await server.failure().reason == "peer did not return a certificate")
            #expect(!isServed(stranger))
            #expect(try await server.failure().reason == "unable to get local issuer certificate")
            #expect(!isServed(own))
            #expect(try await server.failure().reason == "self-signed certificate")
            #expect(!isServed(expired))
            #expect(try await server.failure().reason == "certificate has expired")
            #expect(await server.statistics()?.tlsFailures == 4)
        }
    }

    @Test("Without the memory for a connection's TLS nobody is served, in clear neither")
    func noMemory() async throws {
        let calls = FakeCalls()
        try await SecureServer.run(
            demandsCertificates: true, calls: calls,
            configure: {
                $0.tls = try? ServerTLS(certificate: $1.certificate, key: $1.key, clientCA: nil) { _ in nil }
                #expect($0.tls != nil)
            }
        ) { server in
            for _ in 0..<3 {
                let client = try RawClient(server.address)
                client.send("POST", "/webrtc/sessions", body: Sample.create)
                #expect(client.isClosedByPeer())
            }
            #expect(calls.created.isEmpty)
            #expect(await server.statistics()?.connections == 0)
        }
    }

    @Test("Connections from a reload on are made with the new certificates; open ones stay")
    func reload() async throws {
        try await SecureServer.run { server in
            let open = try server.client()
            #expect(try open.exchange("GET", "/x").status == 404)
            let others = try TestAuthority()
            let new = try others.issue("server", names: "IP:127.0.0.1")
            await server.use(try ServerTLS(certificate: new.certificate, key: new.key, clientCA: others.ca))
            let app = try others.issue("app", names: "DNS:app.example")
            #expect(
                isServed(server) {
                    $0.ca = others.ca
                    $0.pair = app
                })
            #expect(!isServed(server) { $0.pair = app })
            #expect(!isServed(server) { $0.ca = others.ca })
            #expect(try open.exchange("GET", "/x").status == 404)
        }
    }

    @Test("Files that cannot be used are named")
    func unusable() throws {
        let certificates = try TestAuthority()
        let pair = try certificates.issue("a", names: "DNS:a.example")
        let other = try certificates.issue("b", names: "DNS:b.example")
        func reason(_ certificate: String, _ key: String, _ ca: String? = nil) -> String? {
            do throws(ServerTLS.Unusable) {
                _ = try ServerTLS(certificate: certificate, key: key, clientCA: ca)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(reason(pair.certificate, pair.key, certificates.ca) == nil)
        #expect(reason(pair.key, pair.key) == "api.tls: the certificate cannot be used: no start line")
        #expect(reason(pair.certificate, other.key) == "api.tls: the key cannot be used: key values mismatch")
        #expect(reason(pair.certificate, pair.key, other.key)?.hasPrefix("api.tls: the clients' authorities") == true)
        #expect(reason("/nowhere", pair.key)?.hasPrefix("api.tls: the certificate cannot be used: ") == true)
    }
}
