import Foundation
import SIPBridge
import TestPeer
import Testing

@testable import Endpoint

/// The commands of docs/api-tls.md, one after the other in a folder of their own, with the certificates that they make.
@Suite struct SecureDocumentTests {
    @Test("They do what they say")
    func run() async throws {
        let page = try Project.text("docs/api-tls.md")
        let file = try #require(page.components(separatedBy: "```yaml\n").last).components(separatedBy: "```")[0]
        let examples = ConsoleExample.all(in: page)
        #expect(examples.count >= 10)
        let folder = FileManager.default.temporaryDirectory.appending(path: "api-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "gateway.yaml")
        try file.write(to: path, atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(
            at: Project.folder.appending(path: "config/demo-call.json"), to: folder.appending(path: "demo-call.json"))

        let endpoint = SIPEndpoint(
            EndpointOptions(listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)]))
        let network = try #require(endpoint.start().first).port
        defer { endpoint.stop() }
        let (port, sip) = (try FreePort.next(), try FreePort.next())
        let products = try GatewayProcess.products.path
        let environment = ["PATH": "\(products):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]

        var gateway: Process?
        for example in examples {
            if gateway == nil, example.command.contains("curl ") {
                // The page says that it runs now; this one listens where nobody else does.
                let yaml =
                    file.replacing("8443", with: "\(port)").replacing("5070", with: "\(network)")
                    + "sip: {listen: [\"udp:127.0.0.1:\(sip)\"]}\n"
                try yaml.write(to: path, atomically: true, encoding: .utf8)
                gateway = try await start(products, path, port)
            }
            let command = example.command.replacing("127.0.0.1:8443", with: "127.0.0.1:\(port)")
            let output = try await Shell.run("cd '\(folder.path)' && \(command)", environment: environment)
            let missing = example.missing(in: output)
            #expect(missing == nil, "$ \(example)\nprinted\n\(output)")
        }
        gateway?.terminate()
        gateway?.waitUntilExit()
        #expect(gateway?.terminationStatus == 0)
    }

    /// Returns when it accepts connections.
    private func start(_ products: String, _ file: URL, _ port: UInt16) async throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: products).appending(path: "gateway")
        process.arguments = ["serve", "--config", file.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            if let probe = try? HTTPConnection(port: port) {
                probe.close()
                return process
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        process.terminate()
        throw PatienceLost("listener of the gateway", ladder: "")
    }
}
