import CallCore
import EventSinks
import Foundation
import Store
import TestPeer
import Testing

@testable import Services

/// The life of a subscription, from the request to its end, with a store in memory and a list for a delivery engine.
@Suite struct NotifierTests {
    @Test func tellsASession() async throws {
        let rig = try NotifierRig()
        let subscription = try await rig.subscribe(Sample.request(device: "d1", token: Sample.time + 600)).get()
        #expect(rig.store.subscription(subscription.id) == subscription)
        #expect(rig.notifier.subscriptions(of: Sample.owner) == [subscription])
        rig.change(Sample.session(correlator: "c-post", version: 1))
        rig.clock.advance(2)
        rig.change(Sample.session(.connected, correlator: "c-post", version: 2))
        rig.change(Sample.session(.terminated, version: 3))
        #expect(rig.engine.told == ["Ringing m1 #1", "Connected m1 #2", "Terminated m1 #3"])

        let deliveries = rig.engine.deliveries
        #expect(Set(deliveries.map(\.id)).count == 3)
        #expect(deliveries.map(\.correlator).prefix(2) == ["c-post", "c-post"])
        // Without one of its own, all events of a session share its id.
        #expect(deliveries[2].correlator == "m1")
        #expect(deliveries[1].event.time == Sample.time + 2)
        #expect(deliveries[1].event.source == "urn:test:gateway")
        #expect(deliveries[1].bound == Sample.time + 2 + 4 * 3_600 + 60)
        #expect(deliveries[2].bound == Sample.time + 2 + 60)
        #expect(deliveries.allSatisfy { $0.credential == subscription.credential && $0.sink == subscription.sink })
        #expect(deliveries.allSatisfy { $0.order.session == SessionID(rawValue: "m1") })
        #expect(rig.notifier.statistics.liveSessions == 0)
        #expect(rig.notifier.statistics.subscriptions == 1)
        #expect(rig.notifier.statistics.eventsTold == 3)
    }

    @Test func beginsWithWhatIs() async throws {
        let rig = try NotifierRig()
        rig.change(Sample.session(version: 2))
        _ = try await rig.subscribe(Sample.request(registration: "r1", session: "m1")).get()
        _ = try await rig.subscribe(Sample.request(registration: "r1", initial: true)).get()
        #expect(rig.engine.told == ["Ringing m1 #1", "Ringing m1 #1"])
        #expect(rig.engine.deliveries.map(\.correlator) == ["c-subscribe", "c-subscribe"])
    }

    @Test func tellsInvitationsAndEndsOfRegistrations() async throws {
        let rig = try NotifierRig()
        let types = [EventType(.sessionInvitation), EventType(.sessionStatus), EventType(.registrationEnds)]
        _ = try await rig.subscribe(Sample.request(device: "d1", types: types, dialect: .v03)).get()
        rig.notifier.sessionInvited(Sample.session(.initial, version: 0), offerRequired: true)
        rig.change(Sample.session(.ringing, version: 1))
        rig.notifier.registrationEnded(try Sample.registration(), .registrationExpired)
        #expect(rig.engine.told == ["invited m1 #1", "Ringing m1 #2", "r1 REGISTRATION_EXPIRED"])
        #expect(rig.engine.deliveries[2].session == nil)
        #expect(rig.engine.deliveries.map(\.correlator).prefix(2) == ["m1", "m1"])
        #expect(rig.engine.deliveries[2].correlator.utf8.count == 36)
    }

    @Test func endsAsItsOwnerWishes() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1", token: Sample.time + 60)).get().id
        #expect(await rig.unsubscribe(id) == nil)
        #expect(rig.engine.told == ["ended SUBSCRIPTION_DELETED"])
        let last = try #require(rig.engine.deliveries.last)
        #expect(last.id == "\(id)-ended")
        #expect(last.correlator == "c-subscribe")
        #expect(last.bound == Sample.time + 60)
        #expect(last.session == nil && last.credential != nil)
        // Stored with the subscription's end, before anybody has delivered it: a crash leaves both or neither.
        #expect(try await rig.store.all() == [last])
        #expect(rig.store.subscription(id) == nil)
        rig.change(Sample.session())
        #expect(rig.engine.told.count == 1)
        #expect(await rig.unsubscribe(id) == .resourceNotFound)
        #expect(await rig.update(id, expiresAt: Sample.time + 60) == .failure(.resourceNotFound))
        #expect(rig.notifier.statistics.ended == [.subscriptionDeleted: 1])
    }

    @Test func endsAsTheOperatorWishes() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1")).get().id
        rig.notifier.terminate(id)
        rig.notifier.terminate(id)
        #expect(rig.engine.told == ["ended NETWORK_TERMINATED"])
        #expect(rig.store.subscription(id) == nil)
    }

    @Test func endsWhenItsTimeIsOver() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1", expires: Sample.time + 100)).get().id
        let kept = try await rig.subscribe(Sample.request(device: "d1", expires: Sample.time + 200)).get().id
        #expect(rig.notifier.tick() == Sample.time + 100)
        rig.clock.advance(99)
        #expect(try await rig.update(kept, expiresAt: Sample.time + 300).get().expiresAt == Sample.time + 300)
        rig.notifier.tick()
        #expect(rig.engine.told == [])
        rig.clock.advance(1)
        rig.change(Sample.session())
        #expect(rig.engine.deliveries.map(\.subscription) == [kept])
        #expect(await rig.unsubscribe(id) == .resourceNotFound)
        #expect(rig.notifier.tick() == Sample.time + 300)
        #expect(rig.engine.told.last == "ended SUBSCRIPTION_EXPIRED")
        rig.clock.advance(500)
        #expect(rig.notifier.tick() == nil)
        #expect(rig.engine.told.count == 3)
        #expect(rig.notifier.statistics.ended == [.subscriptionExpired: 2])
    }

    @Test func endsManyAtOnce() async throws {
        let rig = try NotifierRig()
        for _ in 0..<250 { _ = try await rig.subscribe(Sample.request(device: "d1", expires: Sample.time + 1)).get() }
        rig.clock.advance(1)
        #expect(rig.notifier.tick() == nil)
        #expect(rig.engine.told.count == 250)
        #expect(rig.notifier.statistics.subscriptions == 0)
    }

    @Test func endsALittleBeforeItsToken() async throws {
        let rig = try NotifierRig()
        _ = try await rig.subscribe(Sample.request(device: "d1", token: Sample.time + 100)).get()
        let renewed = try await rig.subscribe(Sample.request(device: "d1", token: Sample.time + 100)).get().id
        #expect(rig.notifier.tick() == Sample.time + 85)
        let newer = try SinkCredential(accessToken: "newer", expiresAt: Sample.time + 1_000)
        #expect(try await rig.update(renewed, credential: newer).get().credential == newer)
        #expect(rig.engine.calls.last == .replaceCredential(newer, renewed))
        rig.clock.advance(84.5)
        rig.notifier.tick()
        #expect(rig.engine.told == [])
        rig.clock.advance(0.5)
        #expect(rig.notifier.tick() == Sample.time + 985)
        #expect(rig.engine.told == ["ended ACCESS_TOKEN_EXPIRED"])
        rig.change(Sample.session())
        #expect(rig.engine.deliveries.last?.credential == newer)
    }

    @Test func endsWhenTheSinkIsGone() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1")).get().id
        rig.change(Sample.session())
        try rig.settle(id, .delivered)
        try rig.settle(id, .dropped(.rejected))
        #expect(rig.store.subscription(id) != nil)
        try rig.settle(id, .subscriptionGone)
        try rig.settle(id, .subscriptionGone)
        #expect(rig.store.subscription(id) == nil)
        #expect(rig.engine.calls.last == .cancel(id))
        #expect(rig.engine.told == ["Ringing m1 #1"])
        #expect(rig.notifier.statistics.sinksGone == 1)
    }

    @Test func endsWhenTheSinkRefusesAnExpiredToken() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1", token: Sample.time + 100)).get().id
        rig.change(Sample.session())
        // A newer token has come meanwhile.
        try rig.settle(id, .credentialExpired)
        #expect(rig.store.subscription(id) != nil)
        rig.clock.advance(100)
        try rig.settle(id, .credentialExpired)
        #expect(rig.engine.told == ["Ringing m1 #1", "ended ACCESS_TOKEN_EXPIRED"])
        #expect(rig.engine.calls.suffix(2).first == .cancel(id))
        #expect(rig.store.subscription(id) == nil)
        try rig.settle(id, .credentialExpired)
        #expect(rig.engine.told.count == 2)
    }

    @Test func endsAfterItsMaximum() async throws {
        let rig = try NotifierRig()
        let id = try await rig.subscribe(Sample.request(device: "d1", maximum: 2)).get().id
        for version in 1...4 { rig.change(Sample.session(version: version)) }
        #expect(rig.engine.told == ["Ringing m1 #1", "Ringing m1 #2", "ended MAX_EVENTS_REACHED"])
        #expect(rig.store.subscription(id) == nil)
        // Counted and stored together.
        #expect(try await rig.store.all() == rig.engine.deliveries)
    }

    /// What the first events have ended misses nothing any more.
    @Test func aMaximumThatTheFirstEventsReach() async throws {
        let rig = try NotifierRig()
        for number in 1...5 { rig.change(Sample.session("m\(number)")) }
        _ = try await rig.subscribe(Sample.request(device: "d1", maximum: 1, initial: true)).get()
        #expect(rig.engine.told.count == 2)
        #expect(rig.engine.told.last == "ended MAX_EVENTS_REACHED")
        #expect(rig.notifier.statistics.crowded == 0)
    }

    // MARK: - Refusals

    @Test(arguments: [
        "https://127.0.0.1/", "https://10.1.2.3/x", "https://[::1]/", "https://localhost/", "https://169.254.169.254/",
    ])
    func refusesASinkThatMayNotBe(_ sink: String) async throws {
        let rig = try NotifierRig()
        guard case .failure(let error) = await rig.subscribe(try Sample.request(device: "d1", sink: sink)) else {
            Issue.record("taken")
            return
        }
        #expect(error.status == 400 && error.code == .invalidSink)
        #expect(error.message == "sink must not be at a private, local or reserved address.")
        #expect(rig.store.statistics().subscriptions == 0)
        let allowing = try NotifierRig {
            $0.allowList = try SinkAllowList(["127.0.0.0/8", "10.0.0.0/8", "::1", "localhost", "169.254.0.0/16"])
        }
        #expect(throws: Never.self) { try SinkURL(sink) }
        _ = try await allowing.subscribe(Sample.request(device: "d1", sink: sink)).get()
    }

    @Test func refusesMoreThanItMayKeep() async throws {
        var limits = StoreLimits()
        limits.subscriptionsPerOwner = 1
        limits.subscriptions = 2
        let rig = try NotifierRig(limits: limits)
        _ = try await rig.subscribe(Sample.request(device: "d1")).get()
        for owner in [Sample.owner, SessionOwner(client: "b"), SessionOwner(client: "c")] {
            let result = await rig.subscribe(try Sample.request(device: "d1", owner: owner))
            if owner.client == "b" {
                #expect(throws: Never.self) { try result.get() }
            } else if case .failure(let error) = result {
                #expect(error.status == 429 && error.code == .quotaExceeded && error.retryAfter == 60)
            } else {
                Issue.record("taken")
            }
        }
    }

    /// All users of a client together.
    @Test func refusesMoreThanAClientsShare() async throws {
        var limits = StoreLimits()
        limits.subscriptions = 4
        let rig = try NotifierRig(limits: limits)
        func subscribe(_ client: String, _ user: String) async throws -> Result<Subscription, CAMARAError> {
            let owner = SessionOwner(client: client, user: PhoneNumber(user))
            return await rig.subscribe(try Sample.request(device: "d1", owner: owner))
        }
        _ = try await subscribe("a", "+4930901820").get()
        _ = try await subscribe("a", "+4930901821").get()
        guard case .failure(let error) = try await subscribe("a", "+4930901822") else {
            Issue.record("taken")
            return
        }
        #expect(error.status == 429 && error.code == .quotaExceeded && error.retryAfter == 60)
        _ = try await subscribe("b", "+4930901822").get()
    }

    @Test func refusesMoreThanAnOwnersShareOfTheRoom() async throws {
        var limits = StoreLimits()
        limits.bytesPerOwner = 2_500
        let rig = try NotifierRig(limits: limits)
        _ = try await rig.subscribe(Sample.request(device: "d1")).get()
        guard case .failure(let error) = await rig.subscribe(try Sample.request(device: "d1")) else {
            Issue.record("taken")
            return
        }
        #expect(error.status == 429 && error.code == .quotaExceeded && error.retryAfter == 60)
        _ = try await rig.subscribe(Sample.request(device: "d1", owner: SessionOwner(client: "b"))).get()
    }

    @Test func refusesWhatCannotBeKept() async throws {
        let rig = try NotifierRig()
        let refusal = Notifier.refusal(for: .unavailable(StorageFailure(.diskFull, path: "/secret/x.db")))
        #expect(refusal.status == 503 && refusal.code == .unavailable && refusal.retryAfter == 5)
        #expect(!refusal.message.contains("secret"))
        await rig.notifier.stop()
        for rig in [rig, try NotifierRig(isRunning: false)] {
            guard case .failure(let error) = await rig.subscribe(try Sample.request(device: "d1")) else {
                Issue.record("taken")
                return
            }
            #expect(error.status == 503 && error.retryAfter == 5)
            rig.change(Sample.session())
            #expect(rig.notifier.statistics.liveSessions == 0)
            #expect(await rig.unsubscribe(SubscriptionID(rawValue: "none")) == .resourceNotFound)
        }
    }

    // MARK: - Restart

    @Test func goesOnAfterARestart() async throws {
        let first = try NotifierRig()
        _ = try await first.subscribe(Sample.request(device: "d1", expires: Sample.time + 60)).get()
        let counted = try await first.subscribe(Sample.request(device: "d1", maximum: 3)).get().id
        first.change(Sample.session())
        await first.notifier.stop()
        first.clock.advance(100)

        let second = try NotifierRig(store: first.store, clock: first.clock)
        #expect(second.notifier.tick() == nil)
        #expect(second.engine.told == ["ended SUBSCRIPTION_EXPIRED"])
        // What that run's sessions were told is forgotten with them; what counts is not.
        for version in 1...3 { second.change(Sample.session("m2", version: version)) }
        #expect(second.engine.told.dropFirst() == ["Ringing m2 #1", "Ringing m2 #2", "ended MAX_EVENTS_REACHED"])
        #expect(second.engine.deliveries.last?.subscription == counted)
        #expect(second.store.statistics().subscriptions == 0)
    }

    @Test func keepsTheTimeByItself() async throws {
        let store = try StoreLocation.memory.open()
        let notifier = Notifier(Notifier.Options(source: "urn:test"), store: store)
        let engine = RecordingEngine()
        notifier.start(delivering: engine) { _ in nil }
        notifier.start(delivering: RecordingEngine()) { _ in nil }
        let request = try Sample.request(device: "d1", expires: Date() + 0.05)
        notifier.subscribe(request) { _ in }
        let told = try #require(await engine.mailbox.next())
        #expect(told.event.short == "ended SUBSCRIPTION_EXPIRED")
        notifier.subscribe(try Sample.request(device: "d1", token: Date() + 15.05)) { _ in }
        let second = try #require(await engine.mailbox.next())
        #expect(second.event.short == "ended ACCESS_TOKEN_EXPIRED")
        await notifier.stop()
        await notifier.stop()
    }
}
