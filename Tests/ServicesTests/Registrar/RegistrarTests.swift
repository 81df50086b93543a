import CallCore
import Foundation
import Store
import Testing

@testable import Services

/// Registering, refreshing and ending, where nothing runs out.
@Suite struct RegistrarTests {
    private let office: Office
    private let store: any Store

    init() throws {
        office = try Office()
        store = office.store
    }

    @Test func whatIsRegistered() async throws {
        let registration = try await office.register("phone", user: Office.Sample.number).success()
        #expect(registration.id == RegistrationID(rawValue: "R1"))
        #expect(registration.owner == (try Office.Sample.owner("app", Office.Sample.number)))
        #expect(registration.number.text == Office.Sample.number)
        #expect(registration.deviceID == "phone")
        #expect(registration.createdAt == office.now)
        #expect(registration.expiresAt == office.now + 3_600)
        #expect(office.registrar.registration(registration.id) == registration)
        #expect(office.registrar.registrations(of: registration.owner, deviceID: "phone") == [registration])
        #expect(office.registrar.registrations(of: registration.owner, deviceID: "other").isEmpty)
        #expect(store.registrations(of: registration.number) == [registration])
        #expect(office.ends.isEmpty)
    }

    @Test func idsOfTheSystemAreLongAndDiffer() {
        let ids = Set((0..<1_000).map { _ in Registrar.systemID().rawValue })
        #expect(ids.count == 1_000)
        #expect(ids.allSatisfy { $0.utf8.count == 40 })
    }

    @Test(
        "The range counts from now, in both rules; nil for 400 OUT_OF_RANGE",
        arguments: [(nil, 3_600, 3_600), (600, 600, 600), (90_000, 86_400, 86_400), (59, 60, nil), (-5, 60, nil)]
            as [(Double?, Double, Double?)])
    func range(wish: Double?, own: Double, capped: Double?) async throws {
        try await office.register("refreshed").success()
        office.pass(seconds: 1_000)
        let until = wish.map { office.now + $0 }
        #expect(try await office.register("a", until: until, .ownPolicy).success().expiresAt == office.now + own)
        #expect(try await office.refresh("R1", until: until, .ownPolicy).success().expiresAt == office.now + own)
        let registered = try await office.register("b", until: until, .cappedNotRaised)
        let refreshed = await office.refresh("R1", until: until, .cappedNotRaised)
        for result in [registered, refreshed] {
            if let capped {
                #expect(try result.success().expiresAt == office.now + capped)
            } else {
                #expect(result.error?.status == 400)
                #expect(result.error?.code == .outOfRange)
            }
        }
        if capped == nil {
            #expect(store.registrations(of: SessionOwner(client: "app"), deviceID: "b").isEmpty)
            #expect(store.registration(RegistrationID(rawValue: "R1"))?.expiresAt == office.now + own)
        }
    }

    /// A refresh may shorten, too: what is within the range is applied as it is.
    @Test func refreshMovesTheEndBothWays() async throws {
        try await office.register().success()
        #expect(try await office.refresh("R1", until: office.now + 7_200).success().expiresAt == office.now + 7_200)
        #expect(try await office.refresh("R1", until: office.now + 120).success().expiresAt == office.now + 120)
        #expect(office.registrar.nextExpiry == office.now + 120)
        #expect(office.ends.isEmpty)
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        // Even where the wish alone would be 400: there is nothing to be out of range of.
        let refresh = await office.refresh("R9", until: office.now - 1, .cappedNotRaised)
        #expect(refresh.error == .resourceNotFound)
        #expect(await office.end("R9").error == .resourceNotFound)
    }

    @Test func endingIsTheOwnersAndNobodyIsTold() async throws {
        try await office.register().success()
        #expect(await office.end("R1").error == nil)
        #expect(!office.isLive("R1"))
        #expect(await office.end("R1").error == .resourceNotFound)
        #expect(await office.refresh("R1").error == .resourceNotFound)
        office.pass(seconds: 10_000)
        #expect(office.registrar.expireDue() == 0)
        #expect(office.ends.isEmpty)
    }

    @Test func theOperatorMayRefuseANumber() async throws {
        office.refuse(try Office.Sample.phoneNumber("+390612345"))
        let refused = try await office.register(number: "+390612345")
        #expect(refused.error?.status == 403)
        #expect(refused.error?.code == .permissionDenied)
        #expect(refused.error?.message.contains("390612345") == false)
        #expect(try await office.register().error == nil)
    }

    // MARK: The same device and number again

    @Test func aNewRegistrationReplacesAStaleOne() async throws {
        try await office.register().success()
        #expect(try await office.register(replacing: true).success().id == RegistrationID(rawValue: "R2"))
        #expect(!office.isLive("R1"))
        #expect(office.ends == [Office.End(id: "R1", reason: .networkTerminated)])
    }

    @Test func orIsRefused() async throws {
        let first = try await office.register().success()
        let again = try await office.register(replacing: false)
        #expect(again.error?.status == 409)
        #expect(again.error?.code == .alreadyExists)
        #expect(office.registrar.registration(first.id) == first)
        #expect(office.ends.isEmpty)
    }

    /// 409 would send the caller to a registration that it cannot see.
    @Test("Somebody else's is neither replaced nor named", arguments: [true, false], [nil, Office.Sample.number])
    func anotherOwners(replacing: Bool, user: String?) async throws {
        let first = try await office.register(user: user).success()
        let others = user == nil ? Office.Sample.number : nil
        let refused = try await office.register(user: others, replacing: replacing)
        #expect(refused.error?.status == 403)
        #expect(refused.error?.code == .permissionDenied)
        #expect(refused.error?.message.contains(first.id.rawValue) == false)
        #expect(office.registrar.registration(first.id) == first)
        #expect(office.ends.isEmpty)
        office.pass(seconds: 3_600)
        try await office.register(user: others, replacing: replacing).success()
        #expect(office.ends == [Office.End(id: "R1", reason: .registrationExpired)])
    }

    @Test("One that has run out is in nobody's way", arguments: [true, false])
    func afterExpiry(replacing: Bool) async throws {
        try await office.register().success()
        office.pass(seconds: 3_600)
        try await office.register(replacing: replacing).success()
        #expect(office.ends == [Office.End(id: "R1", reason: .registrationExpired)])
        // Its end is told once.
        #expect(office.registrar.expireDue() == 0)
        #expect(office.ends.count == 1)
    }

    @Test(
        "Another device, number or client is another place",
        arguments: [
            ("other", Office.Sample.number, "app"), ("device", "+390612345", "app"),
            ("device", Office.Sample.number, "x"),
        ])
    func otherPlaces(device: String, number: String, client: String) async throws {
        try await office.register().success()
        try await office.register(device, number: number, client: client, replacing: false).success()
        #expect(office.isLive("R1"))
        #expect(office.isLive("R2"))
    }

    @Test func ofManyAtOnceOneIsRegistered() async throws {
        let results = try await withThrowingTaskGroup(of: Bool.self) { [office] group in
            for _ in 0..<50 {
                group.addTask { try await office.register(replacing: false).error == nil }
            }
            var results: [Bool] = []
            for try await result in group { results.append(result) }
            return results
        }
        #expect(results.filter { $0 }.count == 1)
        #expect(results.count == 50)
        #expect(store.statistics().registrations == 1)
    }

    @Test func ofManyReplacementsAllButOneEnd() async throws {
        try await withThrowingTaskGroup(of: Void.self) { [office] group in
            for _ in 0..<50 { group.addTask { _ = try await office.register(replacing: true).success() } }
            try await group.waitForAll()
        }
        #expect(store.statistics().registrations == 1)
        #expect(Set(office.ends.map(\.id)).count == 49)
        #expect(office.ends.count == 49)
    }
}
