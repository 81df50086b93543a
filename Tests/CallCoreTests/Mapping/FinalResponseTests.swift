import CallCore
import Testing

@Suite("Final responses: mapping §2")
struct FinalResponseTests {
    static let defaultStatuses: Set<Int> = [408, 491, 500, 502, 503, 504]

    @Test(arguments: MappingRow.all)
    func rows(_ row: MappingRow) {
        for hasRung in [false, true] {
            let outcome = FinalResponse.sip(status: row.sip, q850: nil).outcome(hasRung: hasRung)
            #expect(outcome.status == (hasRung ? row.rungStatus : row.status))
            #expect(outcome.error.status == row.http)
            #expect(outcome.error.code == row.code)
            #expect(outcome.isCalleeOutcome == row.isCalleeOutcome)
            #expect(outcome.isAlarm == row.isAlarm)
            #expect(outcome.error.message.contains("(SIP \(row.sip))") || row.sip == 424)
            // 503 alone has a Retry-After.
            #expect((outcome.error.retryAfter != nil) == (row.http == 503))
        }
    }

    @Test(arguments: MappingRow.all)
    func failover(_ row: MappingRow) {
        let final = FinalResponse.sip(status: row.sip, q850: nil)
        #expect(final.mayFailOver(statuses: Self.defaultStatuses, hasProgress: false) == row.failsOver)
        #expect(!final.mayFailOver(statuses: Self.defaultStatuses, hasProgress: true))
        #expect(!final.mayFailOver(statuses: [], hasProgress: false))
        // A trunk's own list rules, but never over a callee or a network that has spoken for good.
        let isFinalWord = row.sip == 486 || row.sip == 487 || row.sip >= 600
        #expect(final.mayFailOver(statuses: Set(300...699), hasProgress: false) == !isFinalWord)
    }

    @Test(arguments: CauseRow.all, CauseRow.carriers)
    func causesOverride(_ row: CauseRow, _ status: Int) {
        let final = FinalResponse.sip(status: status, q850: row.cause)
        let outcome = final.outcome(hasRung: false, retryAfter: 7)
        #expect(outcome.status == row.status)
        #expect(outcome.error.status == row.http)
        #expect(outcome.error.code == row.code)
        #expect(outcome.isCalleeOutcome == row.isCalleeOutcome)
        #expect(outcome.error.retryAfter == (row.http == 503 ? 7 : nil))
        // The cause decides alone: neither the list nor its absence counts.
        for statuses in [Self.defaultStatuses, []] {
            #expect(final.mayFailOver(statuses: statuses, hasProgress: false) == row.failsOver)
            #expect(!final.mayFailOver(statuses: statuses, hasProgress: true))
        }
    }

    @Test(arguments: CauseRow.all, CauseRow.others)
    func causesElsewhereChangeNothing(_ row: CauseRow, _ status: Int) {
        let plain = FinalResponse.sip(status: status, q850: nil)
        let with = FinalResponse.sip(status: status, q850: row.cause)
        #expect(with.outcome(hasRung: false) == plain.outcome(hasRung: false))
        #expect(
            with.mayFailOver(statuses: Self.defaultStatuses, hasProgress: false)
                == plain.mayFailOver(statuses: Self.defaultStatuses, hasProgress: false))
    }

    @Test(arguments: [0, 2, 16, 31, 102, 127, -1, 999])
    func otherCausesChangeNothing(_ cause: Int) {
        for status in CauseRow.carriers {
            let plain = FinalResponse.sip(status: status, q850: nil)
            let with = FinalResponse.sip(status: status, q850: cause)
            #expect(with.outcome(hasRung: true) == plain.outcome(hasRung: true))
            #expect(
                with.mayFailOver(statuses: Self.defaultStatuses, hasProgress: false)
                    == plain.mayFailOver(statuses: Self.defaultStatuses, hasProgress: false))
        }
    }

    @Test func stackVerdicts() {
        let silent = FinalResponse.noResponse.outcome(hasRung: false)
        #expect(silent.status == .failed)
        #expect(silent.error.status == 504)
        #expect(silent.error.code == .timeout)
        let cut = FinalResponse.transportFailure.outcome(hasRung: false)
        #expect(cut.status == .failed)
        #expect(cut.error.status == 503)
        #expect(cut.error.code == .unavailable)
        #expect(cut.error.retryAfter == FinalResponse.defaultRetryAfter)
        for verdict in [FinalResponse.noResponse, .transportFailure] {
            #expect(verdict.mayFailOver(statuses: [], hasProgress: false))
            #expect(!verdict.mayFailOver(statuses: Self.defaultStatuses, hasProgress: true))
        }
    }

    @Test func retryAfterIsPassedOn() {
        for status in [500, 503, 580] {
            let outcome = FinalResponse.sip(status: status, q850: nil).outcome(hasRung: false, retryAfter: 120)
            #expect(outcome.error.retryAfter == 120)
        }
    }
}
