import CallCore
import Testing

@testable import Services

/// Which numbers `servedNumbers` makes ours.
@Suite struct ServedNumbersTests {
    @Test(
        arguments: [
            ([], "+4930123", true),
            ([""], "+4930123", true),
            (["+"], "+4930123", true),
            (["+49"], "+4930123", true),
            (["+49"], "+4830123", false),
            (["+49"], "+149301", false),
            (["+4930123"], "+4930123", true),
            (["+49301234"], "+4930123", false),
            (["+49301230"], "+4930123", false),
            // A leading zero counts.
            (["+0049"], "+4930123", false),
            (["+49"], "+0049301", false),
            (["+0"], "+0049301", true),
            (["+123456789012345"], "+123456789012345", true),
            (["+123456789012345"], "+123456789012346", false),
            (["+123456789012345"], "+12345678901234", false),
            (["+33", "+4930", "+49891"], "+4930123", true),
            (["+33", "+4930", "+49891"], "+3312345", true),
            (["+33", "+4930", "+49891"], "+4989155", true),
            (["+33", "+4930", "+49891"], "+4989255", false),
        ] as [([String], String, Bool)])
    func prefixes(_ prefixes: [String], _ text: String, isServed: Bool) throws {
        let number = try #require(PhoneNumber(text))
        #expect(ServedNumbers(prefixes).contains(number) == isServed)
    }

    /// The rule in its plainest words, against many prefixes and numbers.
    @Test func asASearchThroughTheListWouldSay() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let prefixes = (0..<40).map { _ in "+" + digits(Int.random(in: 1...6, using: &random), &random) }
            let served = ServedNumbers(prefixes)
            for _ in 0..<100 {
                let text = "+" + digits(Int.random(in: 5...15, using: &random), &random)
                let number = try #require(PhoneNumber(text))
                let isExpected = prefixes.contains { text.hasPrefix($0) }
                #expect(served.contains(number) == isExpected, "\(text) of \(prefixes)")
            }
        }
    }

    /// Few different digits, so that prefixes and numbers meet.
    private func digits(_ count: Int, _ random: inout SystemRandomNumberGenerator) -> String {
        String((0..<count).map { _ in Character(String(Int.random(in: 0...2, using: &random))) })
    }
}
