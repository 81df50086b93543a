import Foundation
import Metrics
import TestPeer
import Testing

@testable import Gateway

/// Metrics, their documentation and the dashboard go together.
@Suite struct DashboardTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL

    /// The names of metrics in an expression of Prometheus's: words of ours outside quotes.
    private static func names(in expression: String) -> [String] {
        let outside = expression.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset.isMultiple(of: 2) ? $0.element : nil }.joined(separator: " ")
        return outside.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
            .filter { $0.hasPrefix("gateway_") || $0.hasPrefix("process_") }
    }

    /// The labels that expressions select or group by.
    private static func labels(in expression: String) -> Set<String> {
        var labels: Set<String> = []
        for part in expression.matches(of: /by \(([^)]*)\)/) {
            labels.formUnion(part.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        for part in expression.matches(of: /([a-z_]+)(=~|!~|!=|=)"/) { labels.insert(String(part.1)) }
        return labels
    }

    private static func expressions() throws -> [String] {
        let file = try Data(contentsOf: repository.appending(path: "packaging/grafana.json"))
        guard case .array(let panels) = try JSONValue(parsing: Array(file))["panels"] else { return [] }
        return panels.flatMap { panel -> [String] in
            guard case .array(let targets) = panel["targets"] else { return [] }
            return targets.compactMap { $0["expr"]?.string }
        }
    }

    @Test("Every query of the dashboard asks for metrics that exist, by labels that they have")
    func dashboard() throws {
        let expressions = try Self.expressions()
        #expect(expressions.count > 20)
        for expression in expressions {
            let names = Self.names(in: expression)
            #expect(!names.isEmpty, "\(expression)")
            for name in names {
                let family = Families.all.first { family in
                    family.kind == .histogram
                        ? ["_bucket", "_sum", "_count"].contains { family.name + $0 == name } : family.name == name
                }
                let labels = try #require(family, "\(name) in \(expression)").labels + ["instance", "le"]
                #expect(Self.labels(in: expression).isSubset(of: labels), "\(expression)")
            }
        }
    }

    @Test("Every metric is on the page of the documentation, with its kind, labels and meaning")
    func documentation() throws {
        let page = try String(contentsOf: Self.repository.appending(path: "docs/monitoring.md"), encoding: .utf8)
        for family in Families.all {
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            let row = "| `\(family.name)` | \(family.kind.rawValue) | \(labels) | \(family.help) |"
            #expect(page.contains(row), "\(row)")
        }
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `gateway_") || $0.hasPrefix("| `process_") }
        #expect(rows.count == Families.all.count)
    }

    @Test func namesAreDistinctAndCarryTheirUnit() {
        #expect(Set(Families.all.map(\.name)).count == Families.all.count)
        for family in Families.all where family.kind == .counter { #expect(family.name.hasSuffix("_total")) }
        for family in Families.all where family.kind == .histogram { #expect(family.name.hasSuffix("_seconds")) }
    }
}
