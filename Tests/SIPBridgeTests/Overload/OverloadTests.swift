import CallCore
import Dispatch
import TestPeer
import Testing

@testable import SIPBridge

/// Calls while the SIP thread is behind.
@Suite struct OverloadTests {
    /// Holds the SIP thread up with more commands than are done in time, until it is let go.
    private static func holdUp(_ agent: SIPAgent) -> DispatchSemaphore {
        let (held, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        agent.thread.post {
            held.signal()
            go.wait()
        }
        held.wait()
        for _ in 0..<2_000 { agent.thread.post {} }
        return go
    }

    @Test func aCallOfTheNetworkIsRefused() async throws {
        try await InboundScene.run(InboundScene()) { scene in
            let go = OverloadTests.holdUp(scene.agent)
            let call = scene.call()
            go.signal()
            let response = try await call.refusal(503)
            #expect(response["Retry-After"].flatMap { Int($0) } == 1)
            #expect(await scene.agent.statistics().refusedForLoad.inbound == 1)
            let next = scene.call()
            #expect(try await scene.invitation().session.receiverAddress == "tel:+17085854000")
            try await next.response(100)
        }
    }

    @Test func anEmergencyServiceCallsBack() async throws {
        try await InboundScene.run(InboundScene(isTrusted: true)) { scene in
            let go = OverloadTests.holdUp(scene.agent)
            let call = scene.call(headers: [WireMessage.Header("Priority", "psap-callback")])
            go.signal()
            #expect(try await scene.invitation().session.receiverAddress == "tel:+17085854000")
            try await call.response(100)
        }
    }

    @Test func aCallOfAnApplicationIsRefused() async throws {
        let told = Mailbox<OverloadSpell.Notice>()
        try await InboundScene.run(InboundScene { $0.onOverload = { told.put($0) } }) { scene in
            let agent = scene.agent
            #expect(agent.refusalForLoad(waited: 0, isExempt: { false }) == nil)
            let go = OverloadTests.holdUp(agent)
            let refusals = (0..<4).compactMap { _ in agent.refusalForLoad(waited: 0, isExempt: { false }) }
            #expect(refusals.map(\.status) == [503, 503, 503, 503])
            #expect(Set(refusals.compactMap(\.retryAfter)) == [1, 2, 3, 4])
            #expect(agent.refusalForLoad(waited: 0, isExempt: { true }) == nil)
            go.signal()
            #expect(await told.next() == .began)
            #expect(await agent.statistics().refusedForLoad.outbound == 4)
            #expect(await agent.counts().ended(nil, .outbound, .refused) == 4)
            #expect(agent.refusalForLoad(waited: 0, isExempt: { false }) == nil)
            // However little the thread has to do, who has waited elsewhere is refused.
            #expect(agent.refusalForLoad(waited: 1_000_000_000, isExempt: { false }) != nil)
        }
    }

    @Test func whatIsQueuedKeepsItsOrder() async throws {
        let done = Mailbox<Int>()
        let thread = SIPThread()
        let (begin, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        thread.start(name: "test") {
            begin.wait()
            var turns = 0
            while thread.waiting > 0 {
                let (count, isBehind) = thread.drain(atMost: 3)
                turns += 1
                if count > 3 || isBehind != (thread.waiting > 0) { done.put(-1) }
            }
            done.put(turns)
            end.wait()
            thread.end()
        }
        for number in 0..<10 { thread.post { done.put(number) } }
        #expect(thread.waiting == 10)
        begin.signal()
        for number in 0..<10 { #expect(await done.next() == number) }
        #expect(await done.next() == 4)
        end.signal()
    }

    @Test func whatIsLeftAtTheEndIsDoneToo() async throws {
        let done = Mailbox<Int>()
        let thread = SIPThread()
        let begin = DispatchSemaphore(value: 0)
        thread.start(name: "test") {
            begin.wait()
            _ = thread.drain(atMost: 3)
            done.put(thread.mayRest() ? -1 : -2)
            thread.end()
        }
        for number in 0..<10 { thread.post { done.put(number) } }
        begin.signal()
        for number in [0, 1, 2, -2, 3, 4, 5, 6, 7, 8, 9] { #expect(await done.next() == number) }
        #expect(thread.waiting == 0)
    }
}
