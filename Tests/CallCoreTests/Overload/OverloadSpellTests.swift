import Testing

@testable import CallCore

@Suite struct OverloadSpellTests {
    private static let second: UInt64 = 1_000_000_000

    private func expect(
        _ notice: OverloadSpell.Notice?, _ wanted: OverloadSpell.Notice?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(notice == wanted, sourceLocation: sourceLocation)
    }

    @Test("Many refusals are told as one spell, with their number when it is over")
    func tellsOnce() {
        let second = OverloadSpellTests.second
        var spell = OverloadSpell()
        expect(spell.look(refused: 0, at: 0), nil)
        expect(spell.look(refused: 3, at: second), .began)
        expect(spell.look(refused: 9, at: 2 * second), nil)
        expect(spell.look(refused: 9, at: 6 * second), nil)
        expect(spell.look(refused: 10, at: 6 * second), nil)
        expect(spell.look(refused: 10, at: 11 * second), .ended(refused: 10))
        expect(spell.look(refused: 10, at: 60 * second), nil)
        expect(spell.look(refused: 12, at: 61 * second), .began)
        expect(spell.look(refused: 12, at: 66 * second), .ended(refused: 2))
    }
}
