import CallCore
import Foundation
import Testing

@testable import Store

/// One client cannot fill the store, however many users it has.
@Suite struct ClientShareTests {
    private let folder: TestFolder
    private let clock = TestClock()

    init() throws { folder = try TestFolder() }

    private func registration(_ id: String, client: String, user: Int) throws -> Registration {
        let number = try #require(PhoneNumber("+1708585\(4_000 + user)"))
        return Registration(
            id: RegistrationID(rawValue: id), owner: SessionOwner(client: client, user: number), number: number,
            deviceID: "d", createdAt: clock.now, expiresAt: clock.now + 60)
    }

    private func subscription(_ id: String, client: String, user: Int) throws -> Subscription {
        let model = try Subscription.test(id, created: clock.now)
        let owner = SessionOwner(client: client, user: PhoneNumber("+1708585\(4_000 + user)"))
        return Subscription(
            id: model.id, owner: owner, types: model.types, detail: model.detail, sink: model.sink,
            credential: model.credential, expiresAt: nil, maximumEvents: nil, initialEvent: false,
            createdAt: model.createdAt, dialect: model.dialect)
    }

    /// Adds for one user after the other until it is refused; returns how many there were.
    private func fill(_ limit: Int = 1_000, _ add: (Int) async throws -> Void) async throws -> Int {
        for user in 0..<limit {
            do {
                try await add(user)
            } catch let error as StoreError {
                #expect(error == .limitReached(.clientShare))
                return user
            }
        }
        return limit
    }

    @Test(arguments: StoreKind.allCases) func ofRegistrations(_ kind: StoreKind) async throws {
        var store = try kind.open(in: folder, clock: clock) { $0.limits.registrations = 16 }
        func add(_ client: String, _ user: Int) async throws {
            try await store.add(registration("\(client)\(user)", client: client, user: user), ifPresent: .replace)
        }
        #expect(try await fill { try await add("a", $0) } == 8)
        #expect(try await fill { try await add("b", $0) } == 4)
        if kind == .sqlite {
            try await store.close()
            store = try kind.open(in: folder, clock: clock) { $0.limits.registrations = 16 }
        }
        await #expect(throws: StoreError.limitReached(.clientShare)) { try await add("a", 8) }
        // What makes way gives its place.
        try await store.add(registration("a0 again", client: "a", user: 0), ifPresent: .replace)
        #expect(try await fill { try await add("c", $0) } == 2)
        try await add("d", 0)
        // Who has less than is free again may add again.
        for user in 1..<6 { store.removeRegistration(RegistrationID(rawValue: "a\(user)")) }
        try await add("a", 9)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func ofSubscriptions(_ kind: StoreKind) async throws {
        let store = try kind.open(in: folder, clock: clock) { $0.limits.subscriptions = 16 }
        func add(_ client: String, _ user: Int) async throws {
            try await store.add(subscription("\(client)\(user)", client: client, user: user))
        }
        #expect(try await fill { try await add("a", $0) } == 8)
        #expect(try await fill { try await add("b", $0) } == 4)
        store.removeSubscription(SubscriptionID(rawValue: "b0"))
        try await add("b", 0)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func ofTheRoom(_ kind: StoreKind) async throws {
        let one = Footprint.bytes(of: try registration("a0", client: "a", user: 0))
        let store = try kind.open(in: folder, clock: clock) { $0.limits.bytes = 16 * one }
        #expect(
            try await fill {
                try await store.add(registration("a\($0)", client: "a", user: $0), ifPresent: .refuse)
            } == 8)
        // It is one room for both.
        await #expect(throws: StoreError.limitReached(.clientShare)) {
            try await store.add(subscription("a", client: "a", user: 9))
        }
        try await store.add(subscription("b", client: "b", user: 9))
        // What is there may still change.
        let credential = try SinkCredential(accessToken: String(repeating: "t", count: 500), expiresAt: .distantFuture)
        try await store.updateSubscription(SubscriptionID(rawValue: "b")) { $0.credential = credential }
        try await store.refreshRegistration(RegistrationID(rawValue: "a0"), until: clock.now + 90)
        try await store.close()
    }
}
