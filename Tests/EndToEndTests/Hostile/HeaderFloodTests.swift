import Foundation
import TestPeer
import Testing

/// Messages with more headers than a message has. Each one walks the list of those before it, so that a few kilobytes
/// could stop every call.
@Suite(.serialized, .gatewayAlone(.standard)) struct HeaderFloodTests {
    private func options(callID: String, headers: String) -> [UInt8] {
        Array(
            """
            OPTIONS sip:gw@127.0.0.1 SIP/2.0\r
            Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK\(callID);rport\r
            Max-Forwards: 70\r
            From: <sip:a@b.example>;tag=1\r
            To: <sip:gw@127.0.0.1>\r
            Call-ID: \(callID)\r
            CSeq: 1 OPTIONS\r
            \(headers)Content-Length: 0\r
            \r

            """.utf8)
    }

    @Test("A thousand pieces of a header are read, more are not")
    func limit() async throws {
        let prober = try Prober(try scene().gateway.sip)
        prober.send(options(callID: "many", headers: String(repeating: "Y: a;b\r\n", count: 480)))
        let response = try await prober.response(callID: "many")
        #expect(response.status == 200, "\(response.summary)")
        let before = try #require(try await scene().gateway.statistics()["badMessages"])
        prober.send(options(callID: "too-many", headers: String(repeating: "Y: a;b\r\n", count: 500)))
        _ = try await prober.optionsDelay()
        #expect(try await scene().gateway.statistics()["badMessages"] == before + 1)
    }

    /// As one piece, and bit by bit, each bit small enough by itself.
    @Test("Over TCP they cost their connection", arguments: [130_000, 1_000])
    func overTCP(slice: Int) async throws {
        let scene = try scene()
        let before = try #require(try await scene.gateway.statistics()["badMessages"])
        let connection = try HTTPConnection(port: scene.gateway.configuration.sipPort)
        let bytes = options(callID: "flood", headers: String(repeating: "Y:\r\n", count: 25_000))
        for start in stride(from: 0, to: bytes.count, by: slice) {
            // Closed before all of it is sent: that is what is wanted.
            if !connection.send(Array(bytes[start..<min(start + slice, bytes.count)])) { break }
        }
        #expect(try await Prober(scene.gateway.sip).optionsDelay() < .milliseconds(50))
        #expect(try await scene.gateway.statistics()["badMessages"] == before + 1)
        connection.close()
    }
}
