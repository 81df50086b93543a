import CallCore
import Testing

@testable import SIPBridge

@Suite("The timers of a call")
struct ActiveCallTests {
    private func call() throws -> ActiveCall {
        let request = try CallRequest.sample()
        let state = OutboundCall(session: .sample("a"), choices: [TrunkChoice(trunk: 0)], policy: Shared(CallPolicy()))
        return ActiveCall(number: 1, uuid: .none, request: request, state: state, began: 0, reply: { _ in })
    }

    @Test func theMostOverdueComesFirst() throws {
        let call = try call()
        call.start(.ring, at: 300)
        call.start(.progress, at: 100)
        call.start(.noResponse, at: 200)
        #expect(call.earliestDeadline == 100)
        #expect(call.takeDue(at: 99) == nil)
        #expect(call.takeDue(at: 250) == .progress)
        #expect(call.takeDue(at: 250) == .noResponse)
        #expect(call.takeDue(at: 250) == nil)
        #expect(call.earliestDeadline == 300)
    }

    @Test func eachRunsOnceAtATime() throws {
        let call = try call()
        call.start(.resend, at: 100)
        call.start(.resend, at: 200)
        #expect(call.takeDue(at: 150) == nil)
        #expect(call.takeDue(at: 200) == .resend)
        call.start(.resend, at: 300)
        call.stop(.resend)
        #expect(call.takeDue(at: .max - 1) == nil)
        #expect(call.earliestDeadline == ActiveCall.unset)
    }

    @Test func everyTimerHasItsPlace() throws {
        let call = try call()
        for timer in CallTimer.allCases { call.start(timer, at: UInt64(timer.rawValue) + 1) }
        let taken = (0..<CallTimer.allCases.count).compactMap { _ in call.takeDue(at: 100) }
        #expect(taken == CallTimer.allCases)
    }

    @Test func equalDeadlinesAreAllTaken() throws {
        let call = try call()
        for timer in CallTimer.allCases { call.start(timer, at: 7) }
        #expect(Set((0..<CallTimer.allCases.count).compactMap { _ in call.takeDue(at: 7) }) == Set(CallTimer.allCases))
        #expect(call.takeDue(at: 7) == nil)
    }
}
