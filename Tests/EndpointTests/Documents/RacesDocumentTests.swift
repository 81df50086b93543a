import Foundation
import Testing

/// The page about races names tests, and each of them exists.
@Suite struct RacesDocumentTests {
    @Test("Each test that the page names exists, and every row names one")
    func names() throws {
        let rows = try Project.text("docs/races.md").split(separator: "\n").filter { $0.hasPrefix("| ") }
        let races = rows.filter { !$0.hasPrefix("| race |") }
        #expect(races.count >= 30)
        let functions = try Self.functions()
        for row in races {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count == 4, "\(row)")
            let named = cells[2...].flatMap { $0.matches(of: #/`(\w+)`/#).map { String($0.1) } }
            #expect(!named.isEmpty, "no test shows: \(cells[0])")
            for name in named { #expect(functions.contains(name), "no test is called \(name)") }
        }
    }

    /// The names of all functions in test files.
    private static func functions() throws -> Set<String> {
        let folder = Project.folder.appending(path: "Tests")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var names: Set<String> = []
        for case let file as URL in files where file.lastPathComponent.hasSuffix("Tests.swift") {
            let text = try String(contentsOf: file, encoding: .utf8)
            names.formUnion(text.matches(of: #/func (\w+)\(/#).map { String($0.1) })
        }
        return names
    }
}
