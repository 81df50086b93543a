import CallCore
import Testing

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers every time.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Random identifiers")
struct IdentifierTests {
    @Test(arguments: [1, 15, 16, 17, 32, 40, 64])
    func hexadecimalDigits(digits: Int) {
        var random = SeededRandom(state: 1)
        let lower = RandomText.hex(digits: digits, using: &random)
        let upper = RandomText.hex(digits: digits, uppercase: true, using: &random)
        #expect(lower.utf8.count == digits)
        #expect(lower.utf8.allSatisfy("0123456789abcdef".utf8.contains))
        #expect(upper.utf8.allSatisfy("0123456789ABCDEF".utf8.contains))
    }

    @Test func everyBitOfTheGeneratorIsUsed() {
        var random = Fixed(value: 0xFEDC_BA98_7654_3210)
        #expect(RandomText.hex(digits: 20, using: &random) == "0123456789abcdef0123")
        #expect(RandomText.hex(digits: 4, uppercase: true, using: &random) == "0123")
    }

    @Test func everyDigitComesUp() {
        var random = SeededRandom(state: 7)
        #expect(
            Set(RandomText.hex(digits: 64, using: &random) + RandomText.hex(digits: 64, using: &random)).count == 16)
    }

    @Test func uuidsHaveTheirVersionAndVariant() throws {
        var random = SeededRandom(state: 2)
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        var seen: Set<String> = []
        for _ in 0..<200 {
            let uuid = RandomText.uuid(using: &random)
            #expect(uuid.wholeMatch(of: form) != nil, "\(uuid)")
            seen.insert(uuid)
        }
        #expect(seen.count == 200)
    }

    @Test func sessionIDsAreLongAndDifferent() {
        var random = SystemRandom()
        let ids = (0..<1_000).map { _ in SessionID.random(using: &random) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.rawValue.wholeMatch(of: /[0-9A-F]{40}/) != nil })
        #expect(ids.allSatisfy { $0.description == $0.rawValue })
    }

    @Test func systemRandomRefillsItsPool() {
        var random = SystemRandom()
        #expect(Set((0..<200).map { _ in random.next() }).count == 200)
    }

    private struct Fixed: RandomNumberGenerator {
        var value: UInt64

        func next() -> UInt64 { value }
    }
}
