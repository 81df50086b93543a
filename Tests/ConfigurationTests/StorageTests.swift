import Foundation
import Testing

@testable import Configuration

@Suite struct StorageTests {
    private static let folder = URL(filePath: "/etc/gateway")

    private func storage(_ url: String?, folder: URL = folder) throws -> Configuration.Storage {
        let text =
            ConfigurationReference.smallestFile.joined(separator: "\n")
            + (url.map { "\nstorage: {url: \"\($0)\"}" } ?? "")
        return try Configuration(text: text, folder: folder).storage
    }

    @Test(
        "A relative path starts at the configuration file's folder",
        arguments: [
            ("memory:", Configuration.Storage.memory), ("sqlite:a.db", .sqlite(path: "/etc/gateway/a.db")),
            ("sqlite:../lib/a.db", .sqlite(path: "/etc/gateway/../lib/a.db")),
            ("sqlite:/var/lib/gateway/a.db", .sqlite(path: "/var/lib/gateway/a.db")),
        ])
    func places(_ url: String, _ expected: Configuration.Storage) throws {
        #expect(try storage(url) == expected)
    }

    @Test("Without the key there is a database beside the file")
    func usual() throws {
        #expect(try storage(nil) == .sqlite(path: "/etc/gateway/gateway.db"))
    }

    @Test(arguments: [
        "", "memory", "sqlite", "sqlite:", "sqlite:data/", "sqlite::memory:", "sqlite://data/a.db", "sqlite:///a.db",
        "redis://127.0.0.1/0", "rediss://127.0.0.1", "gateway.db", "SQLITE:a.db",
    ])
    func refusesOthers(_ url: String) {
        let error = #expect(throws: ConfigurationError.self) { try storage(url) }
        #expect(error?.problems.count == 1)
        #expect(error?.problems.first?.message.hasSuffix("; allowed: sqlite:PATH or memory:") == true)
    }
}
