import Foundation
import Testing

@testable import Configuration

/// Every wrong file in `Golden` has a neighbour with the exact text an operator sees. After a wanted change, run the
/// tests once with GOLDEN=write and read the difference.
@Suite struct GoldenTests {
    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: Folders.golden.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test func thereAreFiles() {
        #expect(Self.names.count >= 19)
    }

    @Test(arguments: names) func tellsExactlyWhatIsWrong(_ name: String) throws {
        let yaml = try Data(contentsOf: Folders.golden.appending(path: name))
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(yaml: Array(yaml), path: name, .of(Folders.golden))
        }
        let text = try #require(error).description
        let expected = Folders.golden.appending(path: name.replacing(".yaml", with: ".expected"))
        if ProcessInfo.processInfo.environment["GOLDEN"] == "write" {
            try Data(text.utf8).write(to: expected)
        }
        #expect(text == (try String(contentsOf: expected, encoding: .utf8)))
    }

    /// The value of a key that may hold a secret is in no message.
    @Test(arguments: names) func namesNoSecret(_ name: String) throws {
        let expected = name.replacing(".yaml", with: ".expected")
        #expect(try !Folders.text(Folders.golden, expected).contains("hunter2"))
    }
}
