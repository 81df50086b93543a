import CallCore
import Foundation
import Store
import Synchronization
import Testing

@testable import Services

/// Changes on one thread, as SIP has it, while others subscribe, update and unsubscribe.
@Suite struct ConcurrencyTests {
    private final class Staying: Sendable {
        private let ids = Mutex<Set<SubscriptionID>>([])

        func insert(_ id: SubscriptionID) { ids.withLock { _ = $0.insert(id) } }
        var all: Set<SubscriptionID> { ids.withLock { $0 } }
    }

    @Test func numbersWithoutGapWhoeverComesBetween() async throws {
        let rig = try NotifierRig()
        let sessions = 400
        let staying = Staying()
        await withTaskGroup(of: Void.self) { group in
            // Four sessions at a time, each of four states.
            group.addTask {
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        let statuses: [SessionStatus] = [.inProgress, .ringing, .connected, .terminated]
                        for first in stride(from: 0, to: sessions, by: 4) {
                            for (index, status) in statuses.enumerated() {
                                for number in first..<(first + 4) {
                                    let device = SessionDevice(
                                        registrationID: RegistrationID(rawValue: "r\(number % 8)"),
                                        deviceID: "d\(number % 8)")
                                    rig.change(
                                        Sample.session(
                                            "m\(number)", status, device: number % 16 == 0 ? nil : device,
                                            version: index + 1))
                                }
                            }
                        }
                        continuation.resume()
                    }
                }
            }
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<150 {
                        guard
                            let request = try? Sample.request(
                                device: "d\(worker)", registration: "r\(worker)",
                                session: round % 3 == 0 ? "m\((round * 8 + worker) % sessions)" : nil,
                                initial: round % 2 == 0),
                            let id = try? await rig.subscribe(request).get().id
                        else {
                            Issue.record("no subscription")
                            return
                        }
                        if round % 10 == 0 {
                            staying.insert(id)
                            _ = await rig.update(id, expiresAt: .distantFuture)
                        } else {
                            #expect(await rig.unsubscribe(id) == nil)
                        }
                    }
                }
            }
        }
        struct Line: Hashable {
            var subscription: SubscriptionID
            var session: SessionID
        }
        var numbers: [Line: [Int]] = [:]
        var last: [Line: SessionStatus] = [:]
        var ended: Set<SubscriptionID> = []
        for delivery in rig.engine.deliveries {
            #expect(!ended.contains(delivery.subscription), "told after its end")
            switch delivery.event.body {
            case .sessionStatus(let data):
                let line = Line(subscription: delivery.subscription, session: data.mediaSessionID)
                #expect(last[line]?.isFinal != true, "told after the session's end")
                numbers[line, default: []].append(data.sequenceNumber)
                last[line] = data.status
            case .subscriptionEnded: #expect(ended.insert(delivery.subscription).inserted)
            case .sessionInvitation, .registrationEnds: Issue.record("not subscribed")
            }
        }
        #expect(numbers.values.allSatisfy { $0 == Array(1...$0.count) })
        let kept = staying.all
        #expect(kept.count == 8 * 15)
        #expect(ended.count == 8 * 135)
        #expect(ended.isDisjoint(with: kept))
        // Whoever was there until the end of the session has heard of it.
        #expect(last.filter { kept.contains($0.key.subscription) }.values.allSatisfy { $0.isFinal })
        #expect(!numbers.isEmpty)
        #expect(rig.notifier.statistics.liveSessions == 0)
        #expect(rig.notifier.statistics.subscriptions == kept.count)
        rig.notifier.state.withLock { state in
            #expect(state.watches.live.isEmpty)
            for id in kept { #expect(state.watches[id]?.sessionsTold == 0) }
        }
    }
}
