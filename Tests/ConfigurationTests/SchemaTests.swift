import Foundation
import Testing

@testable import Configuration

@Suite struct SchemaTests {
    private static let supported = Schema.rows.filter { $0.support == .supported }

    @Test func everyPathIsThereOnceAndHasItsSection() {
        #expect(Set(Schema.rows.map(\.path)).count == Schema.rows.count)
        let paths = Set(Self.supported.map(\.path))
        for row in Schema.rows where !row.section.isEmpty {
            let section = row.section.hasSuffix("[]") ? String(row.section.dropLast(2)) : row.section
            #expect(paths.contains(section), "\(row.path)")
        }
    }

    @Test func everyRowSaysSomething() {
        for row in Schema.rows {
            #expect(row.meaning.hasSuffix("."), "\(row.path)")
            #expect(row.support != .supported || !row.allowed.isEmpty, "\(row.path)")
        }
    }

    private static let fixtures = ["every-key.yaml", "introspection.yaml"]

    /// A key of the table that no decoder reads would be accepted and ignored. Two files, because the modes of
    /// authentication exclude each other's keys.
    @Test func everySupportedKeyIsRead() throws {
        var read: Set<String> = []
        for name in Self.fixtures {
            let decoding = Decoding(.of(Folders.fixtures))
            let yaml = try Folders.text(Folders.fixtures, name)
            _ = Configuration(root: YAMLTree(Array(yaml.utf8)).root, decoding)
            #expect(decoding.problems.isEmpty, "\(name)")
            read.formUnion(decoding.readKeys)
        }
        #expect(read == Set(Self.supported.map(\.path)))
    }

    /// A key that is not read because the fixture lacks it would go unnoticed: the fixtures have them all.
    @Test func theFixturesHaveEverySupportedKey() throws {
        var given: Set<String> = []
        for name in Self.fixtures {
            let yaml = try Folders.text(Folders.fixtures, name)
            given.formUnion(Self.paths(try #require(YAMLTree(Array(yaml.utf8)).root), in: ""))
        }
        #expect(given == Set(Self.supported.map(\.path)))
    }

    private static func paths(_ node: Node, in section: String) -> Set<String> {
        switch node.content {
        case .mapping(let entries) where section != "emergency.numbers":
            return entries.reduce(into: []) { paths, entry in
                let path = section.isEmpty ? entry.key : "\(section).\(entry.key)"
                paths.insert(path)
                paths.formUnion(Self.paths(entry.value, in: path))
            }
        case .sequence(let nodes):
            return nodes.reduce(into: []) { $0.formUnion(paths($1, in: section + "[]")) }
        default:
            return []
        }
    }

    /// The defaults as documented, written into a file, are the defaults of a file that has none of them.
    @Test func theDocumentedDefaultsAreTheDefaults() throws {
        var given: [String: String] = [
            "api.auth.mode": "jwt", "api.auth.issuer": "i", "api.auth.audience": "a", "api.auth.jwks": "jwks.json",
            "trunks[].name": "core", "trunks[].peers[].uri": "\"sip:127.0.0.1:5070\"",
        ]
        let least = try Configuration(text: Self.flow(given))
        for row in Self.supported {
            if case .value(let value) = row.absence { given[row.path] = value }
        }
        #expect(given.count > 45)
        #expect(try Configuration(text: Self.flow(given)) == least)
    }

    /// `["a.b": "1", "a.c[].d": "2"]` as `{a: {b: 1, c: [{d: 2}]}}`.
    private static func flow(_ values: [String: String]) -> String {
        let groups = Dictionary(grouping: values) { $0.key.prefix { $0 != "." } }
        let entries = groups.sorted { $0.key < $1.key }.map { name, values in
            let below = values.compactMap { key, value in
                key.count > name.count ? (String(key.dropFirst(name.count + 1)), value) : nil
            }
            guard !below.isEmpty else { return "\(name): \(values[0].value)" }
            let section = flow(Dictionary(below, uniquingKeysWith: { first, _ in first }))
            return name.hasSuffix("[]") ? "\(name.dropLast(2)): [\(section)]" : "\(name): \(section)"
        }
        return "{" + entries.joined(separator: ", ") + "}"
    }

    @Test func thePageIsMadeFromTheTable() throws {
        let page = try Folders.text(Folders.repository, "docs/configuration.md")
        #expect(
            page == ConfigurationReference.markdown,
            "write it anew: swift run gateway help config --markdown > docs/configuration.md")
    }

    @Test func theHelpNamesEveryKey() {
        for row in Schema.rows { #expect(ConfigurationReference.text.contains(row.path), "\(row.path)") }
    }
}
