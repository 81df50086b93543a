import CallCore
import Testing

/// A call's ways: a trunk and one of its peers each, tried in turn.
@Suite struct ChoiceTests {
    private static let ways = [TrunkChoice(trunk: 3, peer: 2), TrunkChoice(trunk: 3, peer: 0), TrunkChoice(trunk: 1)]

    @Test func aChoiceIsTwoWordsBesideItsRules() {
        #expect(MemoryLayout<TrunkChoice>.size == MemoryLayout<Set<Int>>.size + MemoryLayout<Duration>.size + 8)
        var choice = TrunkChoice(trunk: 999, peer: 511)
        #expect(choice.trunk == 999 && choice.peer == 511)
        choice.trunk = 7
        choice.peer = 8
        #expect(choice == TrunkChoice(trunk: 7, peer: 8))
    }

    @Test func thePeersOfATrunkAreTriedBeforeTheNextTrunk() {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.receive(503)
        call.stackFails(503, attempt: 1)
        #expect(call.invites.map(\.trunk) == [3, 3, 1])
        #expect((0..<3).map { call.call.peer(ofAttempt: $0) } == [2, 0, 0])
    }

    @Test func silenceLeadsToTheNextPeer() {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.fire(.noResponse)
        #expect(call.invites.map(\.trunk) == [3, 3] && call.cancels == [0])
    }

    @Test(arguments: [180, 183])
    func oneThatRangIsNotTriedAtAnotherPeer(status: Int) {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.receive(status)
        call.receive(503)
        #expect(call.invites.count == 1 && call.session.status == .failed)
    }

    @Test(arguments: [486, 487, 600, 603])
    func noPeerIsTriedAfterAWordForGood(status: Int) {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.receive(status)
        #expect(call.invites.count == 1)
    }

    @Test func aRepeatedINVITEGoesToTheSamePeer() {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.receive(InviteResponse(status: 422, toTag: "a", minSE: 120))
        #expect(call.invites.count == 2 && call.call.peer(ofAttempt: 1) == 2)
    }

    @Test func aRedirectionNamesItsPeer() {
        var call = RecordedCall(choices: Self.ways)
        call.handle(.start)
        call.receive(InviteResponse(status: 302, toTag: "a", redirect: Redirect(trunk: 5, peer: 4, user: "+1")))
        #expect(call.invites.last?.trunk == 5 && call.call.peer(ofAttempt: 1) == 4)
    }

    @Test func theWayIsChosenAnewUntilAnINVITEIsOut() {
        var call = RecordedCall(choices: Self.ways, offer: nil)
        call.handle(.start)
        call.choose([TrunkChoice(trunk: 8, peer: 1)])
        call.choose([])
        call.handle(.offer(.offer))
        call.choose(Self.ways)
        #expect(call.invites.map(\.trunk) == [8] && call.call.peer(ofAttempt: 0) == 1)
        call.receive(503)
        #expect(call.invites.count == 1, "what was chosen later does not count")
    }
}
