import CallCore
import Testing

@testable import SIPBridge

@Suite struct CallRecordTests {
    private static let second: UInt64 = 1_000_000_000

    private static func session(_ status: SessionStatus, _ direction: SessionDirection = .outbound) -> Session {
        Session(
            id: SessionID(rawValue: "A1"), direction: direction, owner: SessionOwner(client: "c"),
            originatorAddress: "tel:+1", receiverAddress: "tel:+2", status: status)
    }

    @Test("A call's moments become its durations; the first of each counts")
    func durations() {
        var times = CallTimes(began: 1 * Self.second)
        times.invited = 2 * Self.second
        times.reached(.initial, at: 2 * Self.second)
        times.reached(.ringing, at: 4 * Self.second)
        times.reached(.inProgress, at: 5 * Self.second)
        times.reached(.connected, at: 9 * Self.second)
        times.reached(.connected, at: 10 * Self.second)
        let record = times.record(
            of: Self.session(.terminated), trunk: "core", callID: "x", endedAt: 20 * Self.second)
        #expect(record.outcome == .answered)
        #expect(record.postDialDelay == .seconds(2))
        #expect(record.answerTime == .seconds(7))
        #expect(record.talkTime == .seconds(11))
        #expect(record.total == .seconds(19))
    }

    @Test("What a call did not come to is nil")
    func nothing() {
        let record = CallTimes(began: 5).record(
            of: Self.session(.failed), trunk: nil, callID: nil, endedAt: 4)
        #expect(record.outcome == .failed)
        #expect(record.postDialDelay == nil && record.answerTime == nil && record.talkTime == nil)
        #expect(record.total == .zero, "a clock that does not move makes no negative time")
    }

    @Test(
        "Outcomes",
        arguments: [
            (SessionStatus.sessionCancelled, CallEnding.cancelled), (.busy, .busy), (.declined, .declined),
            (.noAnswer, .noAnswer), (.notReachable, .notReachable), (.failed, .failed), (.terminated, .failed),
        ])
    func outcomes(_ status: SessionStatus, _ outcome: CallEnding) {
        #expect(CallEnding(status, wasAnswered: false) == outcome)
        #expect(CallEnding(status, wasAnswered: true) == .answered)
    }

    @Test("Counts keep trunks, directions and outcomes apart; every cell is its own")
    func counts() {
        var counts = CallCounts(trunks: ["a", "b"])
        for trunk in [0, 1, nil] {
            for direction in SessionDirection.allCases {
                counts.refused(trunk, direction)
                let record = CallTimes(began: 0).record(
                    of: Self.session(.busy, direction), trunk: nil, callID: nil, endedAt: 1)
                counts.ended(record, trunk: trunk)
            }
        }
        for trunk in [0, 1, nil] {
            for direction in SessionDirection.allCases {
                for outcome in CallEnding.allCases {
                    let expected = outcome == .busy || outcome == .refused ? 1 : 0
                    #expect(counts.ended(trunk, direction, outcome) == expected)
                }
            }
        }
    }

    @Test("A live call is counted where its last INVITE went")
    func live() {
        var counts = CallCounts(trunks: ["a", "b"])
        counts.move(from: nil, to: 0, .outbound)
        counts.move(from: nil, to: 0, .inbound)
        counts.move(from: 0, to: 1, .outbound)
        #expect(counts.live(0, .outbound) == 0 && counts.live(1, .outbound) == 1 && counts.live(0, .inbound) == 1)
        counts.move(from: 1, to: nil, .outbound)
        counts.move(from: nil, to: nil, .outbound)
        #expect(counts.live(1, .outbound) == 0)
    }
}
