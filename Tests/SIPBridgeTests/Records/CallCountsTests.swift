import CallCore
import Testing

@testable import SIPBridge

@Suite("Counts of calls over reloads")
struct CallCountsTests {
    private var counts: CallCounts {
        var counts = CallCounts(trunks: ["a", "b"])
        counts.refused(nil, .outbound)
        counts.refused(0, .outbound)
        counts.refused(1, .inbound)
        counts.refused(1, .inbound)
        counts.move(from: nil, to: 0, .outbound)
        return counts
    }

    @Test func aTrunkThatChangesKeepsWhatItHasCounted() {
        var counts = counts
        counts.begin("a", at: 2)
        var shown = counts.shown(current: [2, 1])
        #expect(shown.trunks == ["a", "b"])
        #expect(shown.ended(0, .outbound, .refused) == 1)
        #expect(shown.ended(1, .inbound, .refused) == 2)
        #expect(shown.ended(nil, .outbound, .refused) == 1)
        #expect(shown.live(0, .outbound) == 1)
        // The call goes on by the old place, and ends there.
        counts.refused(0, .outbound)
        counts.move(from: 0, to: nil, .outbound)
        counts.move(from: nil, to: 2, .inbound)
        shown = counts.shown(current: [2, 1])
        #expect(shown.ended(0, .outbound, .refused) == 2)
        #expect(shown.live(0, .outbound) == 0)
        #expect(shown.live(0, .inbound) == 1)
        // The place is given to another trunk: what had ended there stays its first owner's.
        counts.begin("c", at: 0)
        shown = counts.shown(current: [0, 2, 1])
        #expect(shown.trunks == ["c", "a", "b"])
        #expect(shown.ended(0, .outbound, .refused) == 0)
        #expect(shown.ended(1, .outbound, .refused) == 2)
    }

    @Test func aTrunkThatGoesIsShownAsLongAsItHasCalls() {
        var counts = counts
        #expect(counts.shown(current: [1]).trunks == ["b", "a"])
        #expect(counts.shown(current: [1]).live(1, .outbound) == 1)
        counts.move(from: 0, to: nil, .outbound)
        #expect(counts.shown(current: [1]).trunks == ["b"])
        // It comes back as it was.
        #expect(counts.shown(current: [1, 0]).ended(1, .outbound, .refused) == 1)
        counts.begin("other", at: 0)
        #expect(counts.shown(current: [1, 0]).ended(1, .outbound, .refused) == 0)
    }
}
