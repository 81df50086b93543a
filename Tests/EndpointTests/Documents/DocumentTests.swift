import CallCore
import Foundation
import SIPBridge
import TestPeer
import Testing

@testable import Endpoint

/// The examples of the documents, run as they stand against a gateway and an endpoint set up like the demonstration.
@Suite struct DocumentTests {
    private static let documents = ["README.md", "docs/api.md", "docs/calls.md", "docs/architecture.md"]

    @Test("The examples are found")
    func found() throws {
        let counts = try Self.documents.map { try ConsoleExample.all(in: Project.text($0)).filter(\.isRequest).count }
        #expect(counts[0] >= 7 && counts[1] >= 13, "\(counts)")
        // A request that shows no outcome proves nothing.
        for document in Self.documents {
            for example in try ConsoleExample.all(in: Project.text(document)) where example.isRequest {
                #expect(!example.output.isEmpty, "\(document): \(example)")
            }
        }
    }

    @Test("They do what they say")
    func run() async throws {
        let endpoint = SIPEndpoint(
            EndpointOptions(listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)]))
        let port = try #require(endpoint.start().first).port
        defer { endpoint.stop() }
        var configuration = try GatewayConfiguration()
        configuration.trunks = [.init("demo", peers: ["sip:127.0.0.1:\(port);transport=udp"])]
        configuration.routes = [("", ["demo"])]
        configuration.events = "{allowSinks: [127.0.0.0/8, localhost]}"
        let gateway = try await GatewayProcess.start(configuration)
        for document in Self.documents {
            // What an answer brings goes before what the document shows in its place.
            var learned: [String: String] = [:]
            var given: [String: String] = [:]
            for example in try ConsoleExample.all(in: Project.text(document)) {
                if let (name, value) = example.assignment { given[name] = value }
                guard example.isRequest else { continue }
                let command = example.command.replacing(
                    "http://127.0.0.1:8080", with: "http://127.0.0.1:\(configuration.httpPort)")
                let output = try await Shell.run(command, environment: given.merging(learned) { $1 })
                let missing = example.missing(in: output)
                #expect(missing == nil, "\(document): $ \(example)\nprinted\n\(output)")
                learned.merge(ConsoleExample.values(in: output)) { $1 }
            }
        }
        #expect(try await gateway.stop() == 0, "\(gateway.logTail)")
    }

    @Test("The links lead somewhere")
    func links() throws {
        for document in Self.documents + ["docs/api-tls.md", "docs/configuration.md", "docs/benchmark.md"] {
            let folder = Project.folder.appending(path: document).deletingLastPathComponent()
            for link in try Project.text(document).matches(of: #/\]\(([^)#:]+)(#[^)]*)?\)/#) {
                let path = folder.appending(path: String(link.1)).path
                #expect(FileManager.default.fileExists(atPath: path), "\(document): \(link.1)")
            }
        }
    }

    @Test("A path that the documents name exists")
    func paths() throws {
        for document in Self.documents {
            let folders = #/(Sources|Tests|config|docs|scripts)/#
            for path in try Project.text(document).matches(of: #/`(?:\.\/)?([A-Za-z]+\/[A-Za-z0-9_\/+.-]+)`/#)
            where String(path.1).prefixMatch(of: folders) != nil {
                let file = Project.folder.appending(path: String(path.1)).path
                #expect(FileManager.default.fileExists(atPath: file), "\(document): \(path.1)")
            }
        }
    }
}
