import CallCore
import Foundation
import Testing

@testable import Store

@Suite struct SubscriptionStoreTests {
    private let clock = TestClock()
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func open(_ kind: StoreKind, _ adjust: (inout StoreOptions) -> Void = { _ in }) throws -> any Store {
        try kind.open(in: folder, clock: clock, adjust)
    }

    @Test(arguments: StoreKind.allCases) func findsByIdAndOwner(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let session = SessionID(rawValue: "m1")
        let device = try Subscription.test("s1", created: clock.now)
        let registration = try Subscription.test(
            "s2", client: "other", detail: .init(deviceID: "d1", registrationID: "r1"), created: clock.now + 1)
        let both = try Subscription.test(
            "s3", detail: .init(registrationID: "r1", sessionID: session), created: clock.now + 2)
        for subscription in [both, registration, device] { try await store.add(subscription) }
        #expect(store.subscription(device.id) == device)
        #expect(store.subscription(SubscriptionID(rawValue: "none")) == nil)
        #expect(store.subscriptions(of: device.owner) == [device, both])
        #expect(store.subscriptions(of: registration.owner) == [registration])
        await #expect(throws: StoreError.alreadyExists) { try await store.add(device) }
        #expect(store.removeSubscription(both.id) == both)
        #expect(store.subscriptions(of: device.owner) == [device])
        #expect(store.statistics().subscriptions == 2)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func showsAllThereAre(_ kind: StoreKind) async throws {
        let first = try open(kind)
        let late = try Subscription.test("s1", maximumEvents: 3, created: clock.now + 1)
        let expired = try Subscription.test("s2", expires: clock.now - 1, created: clock.now)
        for subscription in [late, expired] { try await first.add(subscription) }
        #expect(first.countEvent(of: late.id) == 1)
        var store = first
        if kind == .sqlite {
            try await first.close()
            store = try open(kind)
        }
        let all = store.allSubscriptions()
        #expect(all.map(\.subscription) == [expired, late])
        #expect(all.map(\.eventsTold) == [0, 1])
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func expires(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let endless = try Subscription.test("s1", created: clock.now)
        let short = try Subscription.test("s2", expires: clock.now + 60, created: clock.now)
        let long = try Subscription.test("s3", expires: clock.now + 90, created: clock.now)
        for subscription in [endless, long, short] { try await store.add(subscription) }
        #expect(store.nextSubscriptionExpiry == clock.now + 60)
        clock.advance(60)
        #expect(store.subscription(short.id) == nil)
        #expect(store.subscriptions(of: endless.owner) == [endless, long])
        #expect(store.countEvent(of: short.id) == nil)
        await #expect(throws: StoreError.notFound) {
            try await store.updateSubscription(short.id) { $0.expiresAt = nil }
        }
        clock.advance(60)
        #expect(store.takeExpiredSubscriptions(limit: 1) == [short])
        #expect(store.takeExpiredSubscriptions(limit: 5) == [long])
        #expect(store.nextSubscriptionExpiry == nil)
        #expect(store.subscription(endless.id) == endless)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func updatesWhatMayChange(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let original = try Subscription.test("s1", tokenExpires: clock.now + 100, created: clock.now)
        try await store.add(original)
        #expect(store.nextCredentialExpiry == clock.now + 100)
        let credential = try SinkCredential(accessToken: "newer", expiresAt: clock.now + 200)
        let expiry = clock.now + 300
        let updated = try await store.updateSubscription(original.id) {
            $0.credential = credential
            $0.expiresAt = expiry
        }
        #expect(updated.credential == credential)
        #expect(updated.expiresAt == expiry)
        #expect(updated.sink == original.sink)
        #expect(store.subscription(original.id) == updated)
        #expect(store.nextCredentialExpiry == clock.now + 200)
        #expect(store.takeSubscriptions(credentialExpiringBy: clock.now + 199, limit: 5) == [])
        #expect(store.takeSubscriptions(credentialExpiringBy: clock.now + 200, limit: 5) == [updated])
        #expect(store.statistics().subscriptions == 0)
        #expect(store.nextCredentialExpiry == nil)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func anOwnersShareOfTheRoom(_ kind: StoreKind) async throws {
        let room = Footprint.bytes(of: try Subscription.test("s1", created: clock.now))
        let store = try open(kind) { $0.limits.bytesPerOwner = 2 * room + 10 }
        try await store.add(.test("s1", created: clock.now))
        try await store.add(.test("s2", created: clock.now))
        await #expect(throws: StoreError.limitReached(.bytesPerOwner)) {
            try await store.add(.test("s3", created: clock.now))
        }
        let credential = try SinkCredential(
            accessToken: String(repeating: "t", count: 100), expiresAt: .distantFuture)
        await #expect(throws: StoreError.limitReached(.bytesPerOwner)) {
            try await store.updateSubscription(SubscriptionID(rawValue: "s1")) { $0.credential = credential }
        }
        try await store.add(.test("s3", client: "other", created: clock.now))
        #expect(store.removeSubscription(SubscriptionID(rawValue: "s2")) != nil)
        try await store.updateSubscription(SubscriptionID(rawValue: "s1")) { $0.credential = credential }
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func keepsItsLimits(_ kind: StoreKind) async throws {
        let room = Footprint.bytes(of: try Subscription.test("s1", created: clock.now))
        let store = try open(kind) {
            $0.limits.subscriptions = 3
            $0.limits.subscriptionsPerOwner = 2
            $0.limits.bytes = 3 * room + 10
        }
        try await store.add(.test("s1", created: clock.now))
        try await store.add(.test("s2", created: clock.now))
        await #expect(throws: StoreError.limitReached(.subscriptionsPerOwner)) {
            try await store.add(.test("s3", created: clock.now))
        }
        let long = String(repeating: "t", count: 100)
        await #expect(throws: StoreError.limitReached(.bytes)) {
            try await store.add(.test("s3", client: "oth", token: long, created: clock.now))
        }
        let credential = try SinkCredential(accessToken: long, expiresAt: .distantFuture)
        try await store.add(.test("s3", client: "oth", created: clock.now))
        await #expect(throws: StoreError.limitReached(.bytes)) {
            try await store.updateSubscription(SubscriptionID(rawValue: "s1")) { $0.credential = credential }
        }
        await #expect(throws: StoreError.limitReached(.subscriptions)) {
            try await store.add(.test("s4", client: "x", created: clock.now))
        }
        #expect(store.statistics().bytes == 3 * room)
        for id in ["s1", "s2", "s3"] { store.removeSubscription(SubscriptionID(rawValue: id)) }
        #expect(store.statistics().bytes == 0)
        try await store.close()
    }

    @Test func keepsEveryFieldOverARestart() async throws {
        let all = try [
            Subscription.test(
                "s1", detail: .init(deviceID: "d", registrationID: "r", sessionID: SessionID(rawValue: "m")),
                tokenExpires: clock.now + 60, expires: clock.now + 90.5, maximumEvents: 7, created: clock.now),
            Subscription.test("s2", detail: .init(), token: nil, created: clock.now),
        ]
        let store = try open(.sqlite)
        for subscription in all { try await store.add(subscription) }
        #expect(store.countEvent(of: all[0].id) == 1)
        #expect(store.countEvent(of: all[0].id) == 2)
        try await store.updateSubscription(all[1].id) { $0.expiresAt = $0.createdAt + 5 }
        try await store.close()
        let reopened = try open(.sqlite)
        #expect(reopened.subscription(all[0].id) == all[0])
        var changed = all[1]
        changed.expiresAt = clock.now + 5
        #expect(reopened.subscription(changed.id) == changed)
        #expect(reopened.countEvent(of: all[0].id) == 3)
        #expect(reopened.statistics().bytes == store.statistics().bytes)
        try await reopened.close()
    }

    /// The file and the log beside it, while the store is open and after: a token that was removed is overwritten.
    @Test func leavesNoTokenBehind() async throws {
        let store = try open(.sqlite)
        let token = "a-token-that-is-looked-for"
        try await store.add(.test("s1", token: token, created: clock.now))
        let file = URL(filePath: folder.database)
        let log = URL(filePath: folder.database + "-wal")
        #expect(try Data(contentsOf: log).contains(token) || Data(contentsOf: file).contains(token))
        store.removeSubscription(SubscriptionID(rawValue: "s1"))
        try await store.close()
        #expect(try Data(contentsOf: file).contains(token) == false)
        #expect(!FileManager.default.fileExists(atPath: log.path))
    }

    /// Random operations against a list.
    @Test(arguments: StoreKind.allCases, 1...4) func behavesLikeAList(_ kind: StoreKind, _ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var model: [Subscription] = []
        var store = try open(kind)
        for step in 0..<200 {
            let known = model.randomElement(using: &random)?.id ?? SubscriptionID(rawValue: "none")
            let index = model.firstIndex { $0.id == known && ($0.expiresAt ?? .distantFuture) > clock.now }
            let time = clock.now + Double(Int.random(in: -2..<60, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let detail = Subscription.Detail(
                    deviceID: ["d1", "d2", nil][Int.random(in: 0..<3, using: &random)],
                    registrationID: ["r1", nil][Int.random(in: 0..<2, using: &random)])
                let new = try Subscription.test(
                    "s\(step)", client: ["a", "b"][step % 2], detail: detail, tokenExpires: time + 30,
                    expires: Bool.random(using: &random) ? time : nil, created: clock.now)
                try await store.add(new)
                model.append(new)
            case 4, 5:
                guard let index else { break }
                let expiry = Bool.random(using: &random) ? time : nil
                model[index].expiresAt = expiry
                #expect(try await store.updateSubscription(known) { $0.expiresAt = expiry } == model[index])
            case 6:
                #expect(store.removeSubscription(known) == model.first { $0.id == known })
                model.removeAll { $0.id == known }
            case 7:
                let taken = store.takeExpiredSubscriptions(limit: 2)
                let due = model.compactMap(\.expiresAt).filter { $0 <= clock.now }.sorted()
                #expect(taken.compactMap(\.expiresAt) == Array(due.prefix(2)))
                model.removeAll { taken.contains($0) }
            case 8 where kind == .sqlite && step % 4 == 0:
                try await store.close()
                store = try open(kind)
            default: clock.advance(Double(Int.random(in: 0..<10, using: &random)))
            }
            let live = model.filter { ($0.expiresAt ?? .distantFuture) > clock.now }
            let owner = SessionOwner(client: "a")
            #expect(Set(store.subscriptions(of: owner)) == Set(live.filter { $0.owner == owner }))
            #expect(store.nextSubscriptionExpiry == model.compactMap(\.expiresAt).min())
            #expect(store.nextCredentialExpiry == model.compactMap(\.credential?.expiresAt).min())
            #expect(store.statistics().bytes == model.reduce(0) { $0 + Footprint.bytes(of: $1) })
        }
        try await store.close()
    }
}

extension Data {
    fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
