import Testing

@testable import Bench

@Suite struct SinkMessageTests {
    private static let counts = EventLedger.Counts(
        events: 1, sessions: 2, ended: 3, subscriptionsEnded: 4, doubled: 5, missing: 6, disordered: 7, misdirected: 8,
        unreadable: 9)

    @Test(arguments: [
        SinkMessage.ready(port: 4_711, authority: "/tmp/a b/ca.pem"), .tell(whenEnded: 5, subscriptions: 0),
        .counts(SinkMessageTests.counts), .invited(session: "A1", caller: 420_000_007),
    ])
    func aMessageSurvivesItsLine(_ message: SinkMessage) { #expect(SinkMessage(message.line) == message) }

    @Test(arguments: [
        "", "ready", "invited A1", "invited A1 x", "ready 70000 /ca.pem", "tell 1", "tell x 1", "counts 1 2",
        "counts 1 2 3 4 5 6 7 8 x",
    ])
    func anyOtherLineIsNone(_ line: String) { #expect(SinkMessage(line) == nil) }

    @Test func aChannelCarriesLinesAndAnEnd() throws {
        var ends: (LineChannel, LineChannel)? = try LineChannel.pair()
        let reader = try #require(ends?.0)
        #expect(!reader.isReadable(within: 0))
        ends?.1.send(.tell(whenEnded: 1, subscriptions: 2))
        ends?.1.send(.tell(whenEnded: 3, subscriptions: 4))
        #expect(reader.isReadable(within: 0))
        #expect(reader.receive() == .tell(whenEnded: 1, subscriptions: 2))
        #expect(reader.receive() == .tell(whenEnded: 3, subscriptions: 4))
        ends = nil
        #expect(reader.receive() == nil)
    }
}
