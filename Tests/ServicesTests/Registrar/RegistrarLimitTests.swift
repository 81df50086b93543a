import CallCore
import Foundation
import Store
import Testing

@testable import Services

/// What a registrar refuses because there is too much, or no disk.
@Suite struct RegistrarLimitTests {
    @Test(
        "A full number",
        arguments: [
            // The devices and clients that are there, the new device, and the code.
            ([("a", "app"), ("b", "app")], "c", CAMARAError.Code.maximumDevicesPerUser),
            ([("a", "app"), ("b", "other")], "c", .maximumDevicesPerUser),
            ([("a", "app"), ("a", "other")], "c", .maximumRegistrationPerNumber),
            ([("a", "third"), ("b", "other")], "a", .maximumRegistrationPerNumber),
        ])
    func number(present: [(String, String)], new: String, code: CAMARAError.Code) async throws {
        let office = try Office { $0.registrationsPerNumber = 2 }
        for (device, client) in present { try await office.register(device, client: client).success() }
        let refused = try await office.register(new)
        #expect(refused.error?.status == 403)
        #expect(refused.error?.code == code)
        #expect(refused.error?.retryAfter == nil)
        // Another number has room, and this one too when something has ended.
        try await office.register(new, number: "+390612345").success()
        try await office.end("R1").success()
        try await office.register(new).success()
    }

    @Test func aReplacementNeedsNoRoom() async throws {
        let office = try Office { limits in
            limits.registrationsPerNumber = 1
            limits.registrationsPerOwner = 1
            limits.registrations = 1
        }
        try await office.register().success()
        try await office.register(replacing: true).success()
        // Nor is what has run out counted against the number.
        office.pass(seconds: 3_600)
        office.registrar.expireDue()
        try await office.register("another").success()
    }

    @Test(
        "An owner's share",
        arguments: [
            (Office.Sample.number, 403, CAMARAError.Code.maximumRegistrationPerUser, nil),
            (nil, 429, .quotaExceeded, 60),
        ] as [(String?, Int, CAMARAError.Code, Int?)])
    func owner(user: String?, status: Int, code: CAMARAError.Code, retryAfter: Int?) async throws {
        let office = try Office { $0.registrationsPerOwner = 2 }
        try await office.register("a", user: user).success()
        try await office.register("b", user: user).success()
        let error = try await office.register("c", user: user).error
        #expect(error?.status == status)
        #expect(error?.code == code)
        #expect(error?.retryAfter == retryAfter)
        try await office.register("c", client: "other", user: user).success()
    }

    @Test(arguments: ["registrations", "bytes"])
    func aFullStore(limit: String) async throws {
        let office = try Office { limits in
            if limit == "bytes" { limits.bytes = 2_000 } else { limits.registrations = 1 }
        }
        try await office.register("a").success()
        let error = try await office.register("b").error
        #expect(error?.status == 503)
        #expect(error?.code == .unavailable)
        #expect(error?.retryAfter == 60)
    }

    /// All users of a client together: each of them alone is far from its own share.
    @Test func aClientsShare() async throws {
        let office = try Office { $0.registrations = 4 }
        try await office.register("a", user: "+4930901820").success()
        try await office.register("b", user: "+4930901821").success()
        let error = try await office.register("c", user: "+4930901822").error
        #expect(error?.status == 429)
        #expect(error?.code == .quotaExceeded)
        #expect(error?.retryAfter == 60)
        try await office.register("c", client: "other").success()
    }

    /// A closed store refuses like one whose disk is full.
    @Test func aStoreThatCannotWrite() async throws {
        let office = try Office()
        try await office.register("a").success()
        try await office.register("b").success()
        try await office.store.close()
        let results = [
            try await office.register("c").error, await office.refresh("R1").error, await office.end("R2").error,
        ]
        for error in results {
            #expect(error?.status == 503)
            #expect(error?.code == .unavailable)
            #expect(error?.retryAfter == 5)
        }
        #expect(try await office.register("a").error?.status == 503)
        #expect(office.isLive("R1"))
        #expect(office.ends.isEmpty)
    }

    /// The share of the room is one for registrations and subscriptions, so neither word of a number of registrations fits.
    @Test(arguments: [nil, Office.Sample.number]) func theShareOfTheRoom(user: String?) async throws {
        let office = try Office { $0.bytesPerOwner = 2_000 }
        try await office.register("a", user: user).success()
        let refused = try await office.register("b", user: user)
        #expect(refused.error?.status == 429)
        #expect(refused.error?.code == .quotaExceeded)
        #expect(refused.error?.retryAfter == 60)
        try await office.register("b", client: "other", user: user).success()
    }

    /// No error of a store is left without words, and none says where the store is.
    @Test(arguments: [
        StoreError.alreadyExists, .notFound, .limitReached(.registrations), .limitReached(.registrationsPerNumber),
        .limitReached(.registrationsPerOwner), .limitReached(.bytes), .limitReached(.subscriptions),
        .limitReached(.subscriptionsPerOwner), .limitReached(.bytesPerOwner), .limitReached(.clientShare),
        .heldByAnother,
        .unavailable(StorageFailure(.diskFull, path: "/var/lib/gateway.db")),
    ])
    func words(error: StoreError) {
        let refusal = Registrar.refusal(error)
        #expect((400...599).contains(refusal.status))
        #expect(!refusal.message.isEmpty)
        #expect(!refusal.message.contains("gateway.db"))
        #expect((refusal.retryAfter != nil) == [429, 503].contains(refusal.status))
    }
}
