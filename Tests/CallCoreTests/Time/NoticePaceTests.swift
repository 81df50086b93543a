import CallCore
import Testing

@Suite struct NoticePaceTests {
    @Test func eachKindHasAPaceOfItsOwn() {
        var pace = NoticePace<String>()
        let second: UInt64 = 1_000_000_000
        let asked: [(String, UInt64)] = [
            ("a", 0), ("b", second), ("a", 10 * second - 1), ("a", 10 * second), ("b", 10 * second),
            // What was told counts from then.
            ("a", 10 * second + 1), ("b", 11 * second),
        ]
        let told = asked.map { pace.isDue($0, every: .seconds(10), at: $1) }
        #expect(told == [true, true, false, true, false, false, true])
    }
}
