import CallCore
import Foundation
import Testing

@testable import Services

/// Registrations that run out.
@Suite struct RegistrarExpiryTests {
    private let office: Office

    init() throws {
        office = try Office()
    }

    @Test func aRegistrationEndsAtItsMoment() async throws {
        try await office.register(until: office.now + 100).success()
        #expect(office.registrar.nextExpiry == office.now + 100)
        office.pass(seconds: 99.999)
        #expect(office.isLive("R1"))
        #expect(office.registrar.expireDue() == 0)
        office.pass(seconds: 0.001)
        // It no longer counts, whether its end was told or not.
        #expect(!office.isLive("R1"))
        #expect(office.registrar.registrations(of: SessionOwner(client: "app"), deviceID: "device").isEmpty)
        #expect(await office.refresh("R1").error == .resourceNotFound)
        #expect(await office.end("R1").error == .resourceNotFound)
        #expect(office.ends.isEmpty)
        #expect(office.registrar.nextExpiry == office.now)
        #expect(office.registrar.expireDue() == 1)
        #expect(office.ends == [Office.End(id: "R1", reason: .registrationExpired)])
        #expect(office.registrar.expireDue() == 0)
        #expect(office.registrar.nextExpiry == nil)
        #expect(office.ends.count == 1)
    }

    @Test func aRefreshPutsItOff() async throws {
        try await office.register(until: office.now + 100).success()
        office.pass(seconds: 99)
        try await office.refresh("R1", until: office.now + 100).success()
        office.pass(seconds: 99)
        #expect(office.isLive("R1"))
        #expect(office.registrar.expireDue() == 0)
        #expect(office.registrar.nextExpiry == office.now + 1)
    }

    @Test func batchesAreBoundedAndOldestComeFirst() async throws {
        for index in 1...7 { try await office.register("d\(index)", until: office.now + 200 - Double(index)).success() }
        try await office.register("stays").success()
        office.pass(seconds: 500)
        #expect(office.registrar.expireDue(limit: 3) == 3)
        #expect(office.ends.map(\.id) == ["R7", "R6", "R5"])
        // A timer is due at once.
        #expect(office.registrar.nextExpiry.map { $0 < office.now } == true)
        #expect(office.registrar.expireDue(limit: 3) == 3)
        #expect(office.registrar.expireDue(limit: 3) == 1)
        #expect(office.registrar.expireDue(limit: 3) == 0)
        #expect(office.ends.map(\.id) == ["R7", "R6", "R5", "R4", "R3", "R2", "R1"])
        #expect(office.ends.allSatisfy { $0.reason == .registrationExpired })
        #expect(office.isLive("R8"))
    }

    @Test func severalThreadsTellEachEndOnce() async throws {
        for index in 0..<200 { try await office.register("d\(index)", number: "+39061\(1_000 + index)").success() }
        office.pass(seconds: 3_600)
        let counts = await withTaskGroup(of: Int.self) { [office] group in
            for _ in 0..<8 {
                group.addTask {
                    var count = 0
                    while case let taken = office.registrar.expireDue(limit: 7), taken > 0 { count += taken }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
        #expect(counts == 200)
        #expect(Set(office.ends.map(\.id)).count == 200)
        #expect(office.ends.count == 200)
    }
}
