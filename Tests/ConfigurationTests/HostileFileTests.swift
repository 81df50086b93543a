import Foundation
import Testing

@testable import Configuration

/// Whatever the file holds, the loader answers with a configuration or with problems that can be shown.
@Suite struct HostileFileTests {
    /// What holds for every text.
    private func check(_ bytes: [UInt8]) {
        do throws(ConfigurationError) {
            let configuration = try Configuration(yaml: bytes, path: "f", .of(Folders.fixtures))
            #expect(!configuration.trunks.isEmpty)
        } catch {
            let lines = bytes.count { $0 == 0x0a } + bytes.count { $0 == 0x0d } + 1
            // U+0085, U+2028 and U+2029 end lines in YAML too: two or three bytes each.
            let bound = lines + bytes.count { $0 == 0xc2 || $0 == 0xe2 } + 1
            #expect(!error.problems.isEmpty)
            #expect(error.problems.allSatisfy { (1...bound).contains($0.position.line) && $0.position.column >= 1 })
            #expect(
                error.problems.allSatisfy { problem in
                    !problem.message.unicodeScalars.contains { $0.properties.generalCategory == .control }
                })
            #expect(error.problems == error.problems.sorted { $0.position < $1.position })
        }
    }

    private static func sources() throws -> [[UInt8]] {
        [
            Array(try Folders.text(Folders.fixtures, "every-key.yaml").utf8),
            Array(try Folders.text(Folders.repository, "config/gateway.yaml").utf8),
        ]
    }

    @Test func everyPrefixOfAFile() throws {
        for source in try Self.sources() {
            for length in 0...source.count { check(Array(source.prefix(length))) }
        }
    }

    /// Seeded, so that a failure can be had again.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func randomMutations(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let sources = try Self.sources()
        let tokens = [
            "&a ", "*a", "<<: ", "- ", "? ", ": ", "{", "}", "[", "]", "\"", "'", "\n", "\t", "|", "---\n", "!!",
        ]
        for _ in 0..<2_500 {
            var bytes = sources[Int.random(in: 0..<sources.count, using: &random)]
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...20, using: &random))
                switch Int.random(in: 0...4, using: &random) {
                case 0: bytes[start] = UInt8.random(in: 0...255, using: &random)
                case 1 where end - start < bytes.count: bytes.removeSubrange(start..<end)
                case 2:
                    bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
                default:
                    bytes.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &random)].utf8, at: start)
                }
            }
            check(bytes)
        }
    }

    /// Each is as large as a file may be. What matters is that they end, without recursion or quadratic time.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "[", "{", "- ", "? ", "{a: ", "a: [", "a\n", "key: value\n", "&a ", "*a ", "\"", "|\n ", "#", "\u{0}",
            "\u{feff}", "%",
            "'a'\n\n", "- [a, b]\n", "é", "!t ", "--- \n",
        ])
    func largeMonotonousFiles(_ unit: String) {
        let unit = Array(unit.utf8)
        check(Array(repeatElement(unit, count: FileReading.maximumSize / unit.count).joined()))
    }

    /// A list as long as the file allows, where a list is expected.
    @Test(arguments: [
        "trunks: [%]", "routes: [%]", "api: {listen: [%]}", "sip: {listen: [%]}", "emergency: {numbers: {%}}",
        "servedNumbers: [%]",
    ])
    func longLists(_ pattern: String) {
        check(Array(pattern.replacing("%", with: String(repeating: "a,", count: 100_000)).utf8))
    }

    /// The classic "billion laughs": refused at the first alias, nothing is expanded.
    @Test func aliasesAreNotExpanded() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let list = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        let error = #expect(throws: ConfigurationError.self) { try Configuration(text: text) }
        #expect(error?.problems.count { $0.message.hasPrefix("an alias") } == 12 * 9)
    }
}

/// A small generator with a seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
