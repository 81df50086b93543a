import CallCore
import Testing

/// Session timers (RFC 4028; mapping §2, last row).
@Suite("Session timers")
struct SessionTimerTests {
    @Test func noneWithoutSessionExpires() {
        let call = RecordedCall.connected()
        #expect(call.running == [.maxDuration: .seconds(14_400)])
        #expect(call.call.sessionInterval == 0)
    }

    @Test(arguments: [(1800, 1768), (120, 88), (96, 64), (90, 60), (30, 60)] as [(UInt32, Int)])
    func thePeerRefreshes(interval: UInt32, limit: Int) {
        var call = RecordedCall.connected(sessionExpires: interval)
        #expect(call.running[.sessionExpiry] == .seconds(limit))
        #expect(call.running[.refresh] == nil)
        call.fire(.sessionExpiry)
        #expect(call.byes == [.first])
        call.byeAnswered()
        #expect(call.statuses == [.terminated])
        #expect(call.session.reason == "session timeout")
    }

    @Test(arguments: [true, false])
    func weRefresh(usesUpdate: Bool) {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true, allowsUpdate: usesUpdate)
        #expect(call.running[.refresh] == .seconds(900))
        #expect(call.running[.sessionExpiry] == nil)
        #expect(call.fire(.refresh).contains(.refresh(.first, usesUpdate: usesUpdate)))
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: 600))
        #expect(call.running[.refresh] == .seconds(300))
        #expect(call.running[.sessionExpiry] == nil)
        #expect(call.call.sessionInterval == 600)
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil))
        #expect(call.running[.refresh] == .seconds(300))
        #expect(call.told.isEmpty)
    }

    /// RFC 4028 §7.2: a 2xx without Session-Expires means that there is no session expiration.
    @Test(arguments: [false, true])
    func nobodyHangsUpAtAnExpiryThatThePeerHasNotAgreedTo(isByChange: Bool) {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: !isByChange)
        if isByChange {
            call.handle(.negotiation(.first, .untimed))
        } else {
            call.fire(.refresh)
            call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil))
        }
        let timers: [CallTimer: Duration] = [.maxDuration: .seconds(14_400), .refresh: .seconds(900)]
        for _ in 0..<2 {
            #expect(call.running == timers)
            #expect(call.fire(.refresh) == [.refresh(.first, usesUpdate: false)])
            call.handle(.refreshAnswered(.first, status: 500, sessionExpires: nil))
            call.fire(.refresh)
            call.handle(.refreshAnswered(.first, status: 500, sessionExpires: nil))
        }
        #expect(call.running == timers)
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: 1800))
        call.fire(.refresh)
        #expect(call.running[.sessionExpiry] == .seconds(868), "agreed to again")
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil))
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 481, sessionExpires: nil))
        #expect(call.byes == [.first])
    }

    @Test(arguments: [408, 481])
    func aRefreshIntoNothingEndsTheCall(status: Int) {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: status, sessionExpires: nil))
        #expect(call.byes == [.first])
        call.byeAnswered()
        #expect(call.session.reason == "session timeout")
        #expect(call.session.status == .terminated)
    }

    @Test func anAnswerToARefreshThatComesTooLateChangesNothing() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.fire(.refresh)
        call.handle(.end(.owner))
        #expect(call.handle(.refreshAnswered(.first, status: 200, sessionExpires: 90)).isEmpty)
        #expect(call.handle(.refreshAnswered(.first, status: 481, sessionExpires: nil)).isEmpty)
        #expect(call.running.isEmpty)
    }

    @Test func aRefreshRefusedIsTriedOnceMore() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.fire(.refresh)
        #expect(call.running[.sessionExpiry] == .seconds(868))
        call.handle(.refreshAnswered(.first, status: 491, sessionExpires: nil))
        #expect(call.running[.refresh] == .seconds(225))
        let again = call.fire(.refresh)
        #expect(again == [.refresh(.first, usesUpdate: false)], "the interval that runs is not begun anew")
        call.handle(.refreshAnswered(.first, status: 491, sessionExpires: nil))
        #expect(call.running[.refresh] == nil)
        call.fire(.sessionExpiry)
        call.byeAnswered()
        #expect(call.session.reason == "session timeout")
    }

    @Test func aRefreshGrantedAtTheSecondTryStartsAfresh() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        for _ in 0..<3 {
            call.fire(.refresh)
            call.handle(.refreshAnswered(.first, status: 500, sessionExpires: nil))
            call.fire(.refresh)
            call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil))
            #expect(call.running == [.maxDuration: .seconds(14_400), .refresh: .seconds(900)])
        }
    }

    @Test func aRefreshThatNobodyAnswersEndsWithItsInterval() {
        var call = RecordedCall.connected(sessionExpires: 90, refresherIsUAC: true)
        call.fire(.refresh)
        #expect(call.running[.sessionExpiry] == .seconds(30))
        call.fire(.sessionExpiry)
        #expect(call.byes == [.first])
    }

    @Test func thePeersRefreshBringsItsOwnTerms() {
        var call = RecordedCall.connected(sessionExpires: 1800)
        call.handle(.refreshed(.first, sessionExpires: 600, refresherIsUs: false))
        #expect(call.running[.sessionExpiry] == .seconds(568))
        call.handle(.refreshed(.first, sessionExpires: nil, refresherIsUs: true))
        #expect(call.running[.sessionExpiry] == .seconds(568))
        call.handle(.refreshed(.first, sessionExpires: 600, refresherIsUs: true))
        #expect(call.running == [.maxDuration: .seconds(14_400), .refresh: .seconds(300)])
        call.handle(.refreshed(.first, sessionExpires: 600, refresherIsUs: false))
        #expect(call.running == [.maxDuration: .seconds(14_400), .sessionExpiry: .seconds(568)])
    }

    @Test func aTimerMayBeginInMidCall() {
        var call = RecordedCall.connected()
        call.handle(.refreshed(.first, sessionExpires: nil, refresherIsUs: false))
        #expect(call.running[.sessionExpiry] == nil)
        call.handle(.refreshed(.first, sessionExpires: 120, refresherIsUs: true))
        #expect(
            call.fire(.refresh).contains(.refresh(.first, usesUpdate: false)), "it has not said that it takes UPDATE")
        #expect(call.handle(.refreshed(.second, sessionExpires: 90, refresherIsUs: true)).isEmpty)
    }

    /// The far end has become one that takes no UPDATE, behind a back-to-back user agent for example.
    @Test(arguments: [405, 501])
    func anUpdateThatIsNotTakenBecomesAReinvite(status: Int) {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true, allowsUpdate: true)
        #expect(call.fire(.refresh).contains(.refresh(.first, usesUpdate: true)))
        call.handle(.refreshAnswered(.first, status: status, sessionExpires: nil))
        #expect(call.running[.refresh] == .milliseconds(100))
        #expect(call.fire(.refresh) == [.refresh(.first, usesUpdate: false)])
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil))
        #expect(call.running[.refresh] == .seconds(900) && call.running[.sessionExpiry] == nil)
    }

    @Test(arguments: [(422, Duration.milliseconds(100)), (491, .seconds(225)), (500, .seconds(225))])
    func theReinviteInPlaceOfAnUpdateHasItsOwnSecondTry(status: Int, wait: Duration) {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true, allowsUpdate: true)
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 405, sessionExpires: nil))
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: status, sessionExpires: nil, minSE: status == 422 ? 2400 : nil))
        #expect(call.running[.refresh] == wait)
        #expect(call.running[.sessionExpiry] == .seconds(868), "the interval that runs is not begun anew")
        #expect(call.fire(.refresh) == [.refresh(.first, usesUpdate: false)])
        call.handle(.refreshAnswered(.first, status: status, sessionExpires: nil, minSE: status == 422 ? 3600 : nil))
        #expect(call.running[.refresh] == nil && call.running[.sessionExpiry] != nil)
    }

    @Test func aChangeWhoseIntervalIsTooSmallGoesOutAgainWithALongerOne() {
        func refused(_ minSE: UInt32) -> Event {
            .negotiation(.first, .answered(status: 422, reason: "SIP 422", answer: nil, draw: 0, minSE: minSE))
        }
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        let again = call.handle(refused(2400))
        #expect(again.contains { if case .negotiate(_, .reinvite) = $0 { true } else { false } })
        #expect(call.call.sessionInterval == 2400)
        let refusal = call.handle(refused(3600))
        #expect(refusal.contains { if case .negotiate(_, .reply(_?)) = $0 { true } else { false } }, "once")
        #expect(call.call.sessionInterval == 2400)
    }

    @Test func theLongestMinSEHoldsForTheDialog() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        #expect(call.call.minSE == 0)
        call.handle(.negotiation(.first, .refreshed(sessionExpires: 1800, refresherIsUs: true, minSE: 120)))
        #expect(call.call.minSE == 120)
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 422, sessionExpires: nil, minSE: 2400))
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 200, sessionExpires: 2400))
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        call.handle(
            .negotiation(.first, .answered(status: 422, reason: "SIP 422", answer: nil, draw: 0, minSE: 3600)))
        #expect(call.call.minSE == 3600)
        call.handle(.negotiation(.first, .refreshed(sessionExpires: 600, refresherIsUs: true, minSE: 90)))
        #expect(call.call.minSE == 3600 && call.call.sessionInterval == 600)
        // We ask for 3600 then: a 422 that names less asks for nothing new.
        call.fire(.refresh)
        call.handle(.refreshAnswered(.first, status: 422, sessionExpires: nil, minSE: 1800))
        #expect(call.call.sessionInterval == 600)
    }

    @Test func aRefusalOvertakenByThePeersRefreshChangesNothing() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.fire(.refresh)
        call.handle(.refreshed(.first, sessionExpires: 1800, refresherIsUs: true))
        #expect(call.handle(.refreshAnswered(.first, status: 491, sessionExpires: nil)).isEmpty)
        call.fire(.refresh)
        #expect(call.running[.sessionExpiry] == .seconds(868))
    }
}
