import Foundation
import TestPeer
import Testing

/// The 50 messages of RFC 4475, sent to the SIP port one after the other.
@Suite(.serialized, .gatewayAlone(.standard)) struct TortureTests {
    @Test("All fifty are here")
    func complete() {
        #expect(Resources.tortureMessages.count == 50)
    }

    @Test("It harms nobody", arguments: Resources.tortureMessages)
    func harmless(name: String) async throws {
        let scene = try scene()
        try await Prober(scene.gateway.sip).expectUnharmed(by: Resources.torture(name), name)
        #expect(scene.gateway.isRunning, "\(scene.gateway.logTail)")
    }

    @Test("Over TCP it costs at most its own connection", arguments: Resources.tortureMessages)
    func harmlessOverTCP(name: String) async throws {
        let scene = try scene()
        let connection = try HTTPConnection(port: scene.gateway.configuration.sipPort)
        connection.send(try Resources.torture(name))
        connection.send(Array("\r\n\r\n".utf8))
        let delay = try await Prober(scene.gateway.sip).optionsDelay()
        #expect(delay < .seconds(1))
        connection.close()
        #expect(scene.gateway.isRunning, "\(scene.gateway.logTail)")
    }

    @Test("A call made afterwards works")
    func afterwards() async throws {
        let attempt = try scene().attempt()
        let (_, id) = try await attempt.connect()
        #expect(try await attempt.delete(id).status == 204)
        try await attempt.call.acceptBye()
        try await attempt.reaches("Terminated", id)
    }
}

/// The same with name servers that never answer: a host name in a Via must not stop the gateway for the ten seconds a
/// resolver waits. It runs in a mount namespace of its own whose resolv.conf names a socket of this suite.
@Suite(
    .serialized, .enabled(if: SilentNameServer.isPossible, "needs root and unshare(1)"), .gatewayAlone(.withSilentDNS))
struct SilentNameServerTests {
    @Test("It harms nobody", arguments: Resources.tortureMessages)
    func harmless(name: String) async throws {
        let scene = try scene()
        try await Prober(scene.gateway.sip).expectUnharmed(by: Resources.torture(name), name)
        #expect(scene.gateway.isRunning, "\(scene.gateway.logTail)")
    }

    @Test(
        "Nor do responses and requests that name hosts everywhere a host can stand",
        arguments: ["Via", "Contact", "Route", "Record-Route"])
    func hostNames(header: String) async throws {
        let scene = try scene()
        let value =
            header == "Via" ? "SIP/2.0/UDP host.nowhere.example;branch=z9hG4bKx" : "<sip:host.nowhere.example;lr>"
        let text = """
            OPTIONS sip:ping@host.nowhere.example SIP/2.0\r
            Via: SIP/2.0/UDP host.nowhere.example:5060;branch=z9hG4bK-\(header)\r
            \(header): \(value)\r
            Max-Forwards: 70\r
            From: <sip:a@host.nowhere.example>;tag=1\r
            To: <sip:ping@host.nowhere.example>\r
            Call-ID: names-\(header)\r
            CSeq: 1 OPTIONS\r
            Content-Length: 0\r
            \r

            """
        try await Prober(scene.gateway.sip).expectUnharmed(by: Array(text.utf8), "host names in \(header)")
    }
}

/// A name server that swallows every query.
enum SilentNameServer {
    private static let address = "127.0.0.99"
    private static let socket = Result { try UDPSocket(host: address, port: 53) }

    /// Whether this machine lets the tests play one.
    static var isPossible: Bool {
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") && (try? socket.get()) != nil
    }

    /// Writes the resolv.conf that names it and returns a command that starts a program with it.
    static func launcher() throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "gateway-test-resolv.conf")
        try "nameserver \(address)\noptions timeout:5 attempts:2\n".write(to: file, atomically: true, encoding: .utf8)
        let script = "mount --bind '\(file.path)' /etc/resolv.conf && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }
}

extension ScenePlan {
    /// The standard scene where no host name can be resolved, and no resolver says so.
    static let withSilentDNS: ScenePlan = {
        var plan = standard
        plan.launcher = (try? SilentNameServer.launcher()) ?? []
        return plan
    }()
}
