import Foundation
import TestPeer
import TestTLS
import Testing

/// The API over HTTPS, with clients' certificates (docs/api-tls.md).
@Suite(.serialized, .gateway(.secureAPI)) struct SecureAPITests {
    @Test("A POST makes a call, which is read and ended over the same connection")
    func wholeCall() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        try await attempt.reaches("Connected", id)
        #expect(try await attempt.delete(id).status == 204, attempt.ladder)
        try await attempt.call.request(.bye).respond(200)
        try await attempt.reaches("Terminated", id)
        #expect(try scene().gateway.logTail.contains("\"tls\":true"))
    }

    @Test("Whoever is no client of ours is refused in the handshake; the log says why, every 10 s at most")
    func strangers() async throws {
        let secure = try SecureAPI.current()
        let stranger = try TestAuthority().issue("application", names: "DNS:app.example")
        let told = try scene().gateway.nextLine { $0.contains("no TLS connection with a client") }
        #expect(try await secure.answer(to: nil) == nil)
        let line = try #require(await told.next())
        #expect(line.contains("\"client\":\"127.0.0.1\"") && line.contains("\"reason\":\""), "\(line)")
        #expect(try await secure.answer(to: stranger) == nil)
        #expect(try await secure.answer(to: secure.application, version: .tls11) == nil)
        let port = try scene().gateway.configuration.httpPort
        let clear = try HTTPConnection(port: port)
        clear.send("GET", "\(Attempt.sessions)/none")
        try await clear.closed()
        let lines = try scene().gateway.logTail.split(separator: "\n")
        #expect(lines.filter { $0.contains("no TLS connection with a client") }.count == 1)
        #expect(try await secure.answer(to: secure.application, version: .tls12) == 404)
        #expect(try await secure.answer(to: secure.application) == 404)
    }

    @Test("Handshakes that stall are cut off after the 10 s that a request has, and hold nobody up")
    func stalled() async throws {
        let secure = try SecureAPI.current()
        let port = try scene().gateway.configuration.httpPort
        let began = ContinuousClock.now
        let stalled = try (0..<20).map { _ in try HTTPConnection(port: port) }
        for connection in stalled { connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
        #expect(try await secure.answer(to: secure.application) == 404)
        for connection in stalled { try await connection.closed() }
        #expect(ContinuousClock.now - began < .seconds(14))
    }
}

/// Certificates that change on the disk, of the API.
@Suite(.serialized, .gateway(.secureAPI)) struct ReloadedAPICertificatesTests {
    @Test("New connections are made with the new certificates, open ones stay, broken ones change nothing")
    func certificates() async throws {
        let scene = try scene()
        let secure = try SecureAPI.current()
        let living = scene.attempt()
        let (_, id) = try await living.connect()
        let others = try TestAuthority()
        let new = try others.issue("gateway", names: "IP:127.0.0.1", lasting: .seconds(3 * 86_400 + 3_600))

        try Data(contentsOf: URL(filePath: new.certificate)).write(to: URL(filePath: secure.gateway.certificate))
        let half = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(half.status == 1)
        #expect(half.text.contains("api.tls.key: is not the key of the first certificate"), "\(half.text)")
        #expect(try await secure.answer(to: secure.application) == 404)

        try Data(contentsOf: URL(filePath: new.key)).write(to: URL(filePath: secure.gateway.key))
        let whole = try await scene.gateway.reload(scene.gateway.configuration)
        #expect(whole.status == 0, "\(whole.text)")
        #expect(whole.text.contains("api.tls.certificate: expires in 3 days"), "\(whole.text)")
        #expect(try await secure.answer(to: secure.application, trusting: others.ca) == 404)
        #expect(try await secure.answer(to: secure.application) == nil)

        // Other clients, by SIGHUP; the connection of before carries on.
        let application = try others.issue("application", names: "DNS:app.example")
        var changed = scene.gateway.configuration
        changed.api = [secure.line(clientCA: others.ca)]
        let reloaded = scene.gateway.nextLine { $0.contains("configuration reloaded") }
        try changed.yaml.write(to: scene.gateway.file, atomically: true, encoding: .utf8)
        scene.gateway.signal(SIGHUP)
        #expect(await reloaded.next()?.contains("changed: api.tls") == true)
        #expect(try await secure.answer(to: application, trusting: others.ca) == 404)
        #expect(try await secure.answer(to: secure.application, trusting: others.ca) == nil)
        #expect(try await living.delete(id).status == 204, living.ladder)
        try await living.call.request(.bye).respond(200)

        // HTTP in clear is another start's.
        changed.api = []
        let clear = try await scene.gateway.reload(changed)
        #expect(clear.text.contains("takes effect at the next start only: api.tls"), "\(clear.text)")
        #expect(try await secure.answer(to: application, trusting: others.ca) == 404)
    }
}
