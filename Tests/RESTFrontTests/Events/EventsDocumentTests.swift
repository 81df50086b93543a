import CallCore
import Foundation
import Testing

@testable import RESTFront

/// docs/events.md, held against the code.
@Suite struct EventsDocumentTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/events.md")

    /// The page's JSON examples: a subscription's request, its response, a change.
    private static func examples() throws -> [String] {
        let text = try String(contentsOf: page, encoding: .utf8)
        return text.matches(of: #/```json\n((?s:.*?))```/#).map { String($0.1) }
    }

    @Test func theExamplesAreTrue() throws {
        let examples = try Self.examples()
        try #require(examples.count == 3)
        let harness = try EventsHarness()
        let path = EventsVersion.v03.path
        let created = harness.respond(.post, path, examples[0])
        #expect(created.status == 201, "\(created.message)")
        var (shown, real) = (
            try #require(JSONSerialization.jsonObject(with: Data(examples[1].utf8)) as? [String: Any]), created.json
        )
        for name in ["id", "startsAt"] {
            #expect(shown.removeValue(forKey: name) != nil)
            #expect(real.removeValue(forKey: name) != nil)
        }
        #expect(NSDictionary(dictionary: shown) == NSDictionary(dictionary: real))
        let changed = harness.respond(.put, path + "/S1", examples[2])
        #expect(changed.status == 200, "\(changed.message)")
    }

    @Test func theMountsAndCodesExist() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let harness = try EventsHarness()
        let mounts = text.matches(of: #/^\| `(\/[^`]*\/subscriptions)` \|/#.anchorsMatchLineEndings()).map {
            String($0.1)
        }
        #expect(mounts == EventsVersion.allCases.map(\.path))
        for mount in mounts { #expect(harness.respond(.get, mount).status == 200) }
        let codes = text.matches(of: #/^\| [0-9]{3} \| ([A-Z_]+) \|/#.anchorsMatchLineEndings()).map { String($0.1) }
        #expect(codes.count == 12)
        for code in codes { #expect(CAMARAError.Code(rawValue: code) != nil, "\(code)") }
    }
}
