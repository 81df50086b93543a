import CallCore
import Foundation
import Testing

@testable import Store

/// A look-up for an owner finds the owner's alone, however alike another one is.
@Suite struct OwnerTests {
    private let folder: TestFolder
    private let clock = TestClock()
    private let owners: [SessionOwner]

    init() throws {
        folder = try TestFolder()
        let number = try #require(PhoneNumber("+17085852753"))
        owners = [
            SessionOwner(client: "app"), SessionOwner(client: "app", user: number),
            SessionOwner(client: "app", user: PhoneNumber("+17085854000")), SessionOwner(client: "other"),
            SessionOwner(client: "other", user: number),
        ]
    }

    @Test(arguments: StoreKind.allCases) func ofRegistrations(_ kind: StoreKind) async throws {
        let store = try kind.open(in: folder, clock: clock)
        for (index, owner) in owners.enumerated() {
            let number = try #require(PhoneNumber("+1708585\(4_100 + index)"))
            let registration = Registration(
                id: RegistrationID(rawValue: "r\(index)"), owner: owner, number: number, deviceID: "d",
                createdAt: clock.now, expiresAt: clock.now + 60)
            try await store.add(registration, ifPresent: .refuse)
            for other in owners {
                #expect(store.registration(registration.id, of: other) == (other == owner ? registration : nil))
            }
            #expect(store.registration(RegistrationID(rawValue: "none"), of: owner) == nil)
        }
        clock.advance(60)
        #expect(store.registration(RegistrationID(rawValue: "r0"), of: owners[0]) == nil)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func ofSubscriptions(_ kind: StoreKind) async throws {
        let store = try kind.open(in: folder, clock: clock)
        for (index, owner) in owners.enumerated() {
            let model = try Subscription.test("s\(index)", created: clock.now)
            let subscription = Subscription(
                id: model.id, owner: owner, types: model.types, detail: model.detail, sink: model.sink,
                credential: model.credential, expiresAt: clock.now + 60, maximumEvents: nil, initialEvent: false,
                createdAt: clock.now, dialect: .v03)
            try await store.add(subscription)
            for other in owners {
                #expect(store.subscription(subscription.id, of: other) == (other == owner ? subscription : nil))
            }
            #expect(store.subscription(SubscriptionID(rawValue: "none"), of: owner) == nil)
        }
        clock.advance(60)
        #expect(store.subscription(SubscriptionID(rawValue: "s0"), of: owners[0]) == nil)
        try await store.close()
    }
}
