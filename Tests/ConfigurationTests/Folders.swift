import Foundation

@testable import Configuration

/// Where the tests find files: from this file's place, whatever folder they are run in.
enum Folders {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let repository = tests.deletingLastPathComponent().deletingLastPathComponent()
    static let golden = tests.appending(path: "Golden")
    static let fixtures = tests.appending(path: "Fixtures")

    /// The path of a fixture, as the configuration resolves it.
    static func fixture(_ name: String) -> String { fixtures.appending(path: name).path(percentEncoded: false) }

    static func text(_ folder: URL, _ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
}

extension Configuration {
    /// Reads a text as if it stood in `folder`.
    init(
        text: String, path: String = "test.yaml", folder: URL = Folders.fixtures
    ) throws(ConfigurationError) {
        try self.init(yaml: Array(text.utf8), path: path, .of(folder))
    }
}

extension Surroundings {
    static func of(_ folder: URL, environment: [String: String] = [:]) -> Surroundings {
        Surroundings(
            folder: folder.path(percentEncoded: false).trimmingSuffix("/"), environment: environment,
            readFile: FileReading.read)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
