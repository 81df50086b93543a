import Testing

@testable import Bench

@Suite struct EventLedgerTests {
    private func event(
        _ number: Int, id: String? = nil, of session: String = "s", isFinal: Bool = false,
        to subscription: String = "a",
        by caller: String = "tel:+1"
    ) -> EventText {
        EventText(
            id: id ?? "\(session)-\(number)", subscription: subscription,
            kind: .status(session: session, number: number, originator: caller, isFinal: isFinal))
    }

    private func counts(_ events: EventText?...) -> EventLedger.Counts {
        var ledger = EventLedger()
        for event in events { ledger.take(event) }
        return ledger.counts
    }

    @Test func aWholeSessionHasNoFaults() {
        let counts = counts(event(1), event(2), event(1, of: "t", isFinal: true), event(3, isFinal: true))
        #expect(counts.events == 4)
        #expect(counts.sessions == 2)
        #expect(counts.ended == 2)
        #expect(counts.faults == 0)
    }

    @Test func anEventThatComesAgainIsDoubled() {
        let counts = counts(event(1, id: "e"), event(1, id: "e"))
        #expect(counts.events == 1)
        #expect(counts.doubled == 1)
        #expect(counts.faults == 1)
    }

    @Test func aNumberThatComesAgainUnderAnotherIDIsDoubled() {
        #expect(counts(event(1, id: "e"), event(1, id: "f")).doubled == 1)
    }

    @Test func aGapIsMissingUntilItIsFilledLate() {
        #expect(counts(event(1), event(4)).missing == 2)
        let filled = counts(event(1), event(3), event(2))
        #expect(filled.missing == 0)
        #expect(filled.disordered == 1)
    }

    @Test func aSessionThatBeginsLateHasAGap() { #expect(counts(event(2)).missing == 1) }

    @Test func aSubscriptionOfTwoCallersIsMisdirected() {
        let counts = counts(event(1), event(1, of: "t", by: "tel:+2"), event(1, of: "u", to: "b", by: "tel:+2"))
        #expect(counts.misdirected == 1)
    }

    @Test func whatIsNoEventIsUnreadable() {
        #expect(counts(nil, event(0), event(EventLedger.highestNumber + 1)).unreadable == 3)
        #expect(counts(event(EventLedger.highestNumber)).unreadable == 0)
    }

    @Test func endedSubscriptionsAreCountedOnceEach() {
        let ended = EventText(id: "e", subscription: "a", kind: .subscriptionEnded)
        let counts = counts(ended, ended, .init(id: "f", subscription: "b", kind: .subscriptionEnded))
        #expect(counts.subscriptionsEnded == 2)
        #expect(counts.doubled == 1)
        #expect(counts.events == 0)
    }
}
