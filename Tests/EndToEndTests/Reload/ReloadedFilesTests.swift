import Foundation
import TestPeer
import TestTLS
import Testing

/// Certificates that have changed on the disk.
@Suite(.serialized, .gateway(.secure)) struct ReloadedCertificatesTests {
    @Test("New connections are made with the new certificate; open ones stay; a broken one is refused")
    func certificates() async throws {
        let scene = try scene()
        let peers = try SecurePeers.current()
        let port = try #require(scene.gateway.configuration.tlsPort)
        let living = scene.attempt()
        let (_, id) = try await living.connect()
        let before = peers.good.counts.connections

        func isTrusted(by ca: String) async throws -> Bool {
            let client = try TLSRelay(port: FreePort.next(), overTLSTo: port, demanding: ca)
            return try await client.answersOptions()
        }
        let others = try TestAuthority()
        #expect(try await isTrusted(by: peers.certificates.ca))
        #expect(try await !isTrusted(by: others.ca))

        let old = try [peers.gateway.certificate, peers.gateway.key].map { try Data(contentsOf: URL(filePath: $0)) }
        let new = try others.issue("gateway", names: "IP:127.0.0.1")
        try FileManager.default.replace(peers.gateway.certificate, with: new.certificate)
        let half = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(half.status == 1)
        #expect(half.text.contains("sip.tls.key: is not the key of the first certificate"), "\(half.text)")
        #expect(try await isTrusted(by: peers.certificates.ca))

        try FileManager.default.replace(peers.gateway.key, with: new.key)
        let whole = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(whole.status == 0, "\(whole.text)")
        #expect(try await isTrusted(by: others.ca))
        #expect(try await !isTrusted(by: peers.certificates.ca))

        // The connection of before carries on.
        #expect(try await living.delete(id).status == 204)
        try await living.call.request(.bye).respond(200)
        #expect(peers.good.counts.connections == before)

        for (path, bytes) in zip([peers.gateway.certificate, peers.gateway.key], old) {
            try bytes.write(to: URL(filePath: path))
        }
        #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 0)
    }
}

/// Keys that have changed on the disk.
@Suite(.serialized, .gateway(.guarded)) struct ReloadedKeysTests {
    @Test("A key set in a file is read again")
    func keys() async throws {
        let scene = try scene()
        let line = try #require(scene.gateway.configuration.auth.first { $0.hasPrefix("jwks: ") })
        let file = URL(filePath: String(line.dropFirst(6)))
        let old = try Data(contentsOf: file)
        let other = try TokenIssuer(keyID: "test-2")
        func outcome(_ issuer: TokenIssuer) async throws -> Int {
            let headers = try [
                WireMessage.Header(
                    "Authorization", "Bearer \(issuer.token(scopes: ["webrtc-call-handling:sessions:read"]))")
            ]
            return try await scene.http.send("GET", "\(Attempt.sessions)/none", headers: headers).status
        }
        #expect(try await outcome(scene.issuer) == 404)
        #expect(try await outcome(other) == 401)
        try Data(other.keySet.utf8).write(to: file)
        #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 0)
        #expect(try await outcome(scene.issuer) == 401)
        #expect(try await outcome(other) == 404)
        try Data("{}".utf8).write(to: file)
        #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 1)
        #expect(try await outcome(other) == 404)
        try old.write(to: file)
        #expect(try await scene.gateway.reload(scene.gateway.configuration).status == 0)
        #expect(try await outcome(scene.issuer) == 404)
    }
}

extension FileManager {
    fileprivate func replace(_ path: String, with other: String) throws {
        try Data(contentsOf: URL(filePath: other)).write(to: URL(filePath: path))
    }
}

extension TLSRelay {
    /// Whether an OPTIONS through the relay is answered.
    fileprivate func answersOptions() async throws -> Bool {
        let id = UInt32.random(in: 0 ... .max)
        let text = [
            "OPTIONS sip:ping@127.0.0.1 SIP/2.0", "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK\(id);rport",
            "Max-Forwards: 70", "From: <sip:peer@127.0.0.1>;tag=\(id)", "To: <sip:ping@127.0.0.1>", "Call-ID: \(id)",
            "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
        ].joined(separator: "\r\n")
        let port = address.port
        return try await Task.detached { try PlainExchange.send(text, to: port) }.value.hasPrefix("SIP/2.0 ")
    }
}
