import CallCore
import Foundation
import Testing

@testable import Store

/// What every store does, tried on each kind.
@Suite struct RegistrationStoreTests {
    private let clock = TestClock()
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func open(_ kind: StoreKind, _ adjust: (inout StoreOptions) -> Void = { _ in }) throws -> any Store {
        try kind.open(in: folder, clock: clock, adjust)
    }

    @Test(arguments: StoreKind.allCases) func findsByEveryKey(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let first = try Registration.test("r1", device: "d1", number: 1, created: clock.now)
        let second = try Registration.test("r2", device: "d2", number: 1, user: true, created: clock.now + 1)
        let third = try Registration.test("r3", device: "d1", number: 2, client: "other", created: clock.now + 2)
        for registration in [third, second, first] {
            #expect(try await store.add(registration, ifPresent: .refuse) == nil)
        }

        #expect(store.registration(first.id) == first)
        #expect(store.registration(RegistrationID(rawValue: "none")) == nil)
        #expect(store.registrations(of: first.number) == [first, second])
        #expect(store.registrations(of: third.number) == [third])
        #expect(store.registrations(of: first.owner, deviceID: "d1") == [first])
        #expect(store.registrations(of: first.owner, deviceID: "d2") == [])
        #expect(store.registrations(of: second.owner, deviceID: "d2") == [second])
        #expect(store.registrations(of: third.owner, deviceID: "d1") == [third])
        #expect(store.statistics().registrations == 3)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func hidesWhatHasExpired(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let short = try Registration.test("r1", created: clock.now, lasts: 60)
        let long = try Registration.test("r2", device: "d2", created: clock.now, lasts: 120)
        try await store.add(long, ifPresent: .refuse)
        try await store.add(short, ifPresent: .refuse)
        #expect(store.nextRegistrationExpiry == short.expiresAt)

        clock.advance(59.999)
        #expect(store.registrations(of: short.number).count == 2)
        #expect(store.takeExpiredRegistrations(limit: 10) == [])
        clock.advance(0.001)
        #expect(store.registration(short.id) == nil)
        #expect(store.registrations(of: short.number) == [long])
        #expect(store.registrations(of: short.owner, deviceID: "d1") == [])
        await #expect(throws: StoreError.notFound) {
            try await store.refreshRegistration(short.id, until: clock.now + 60)
        }
        #expect(store.takeExpiredRegistrations(limit: 10) == [short])
        #expect(store.takeExpiredRegistrations(limit: 10) == [])
        #expect(store.nextRegistrationExpiry == long.expiresAt)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func takesTheExpiredInBoundedSteps(_ kind: StoreKind) async throws {
        let store = try open(kind)
        for index in 0..<5 {
            try await store.add(
                .test("r\(index)", device: "d\(index)", created: clock.now, lasts: Double(50 - index)),
                ifPresent: .refuse)
        }
        clock.advance(48)
        #expect(store.takeExpiredRegistrations(limit: 2).map(\.id.rawValue) == ["r4", "r3"])
        #expect(store.takeExpiredRegistrations(limit: 2).map(\.id.rawValue) == ["r2"])
        #expect(store.statistics().registrations == 2)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func oneDeviceRegistersANumberOncePerClient(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let first = try Registration.test("r1", created: clock.now)
        let again = try Registration.test("r2", created: clock.now)
        let other = try Registration.test("r3", client: "other", created: clock.now)
        try await store.add(first, ifPresent: .refuse)
        await #expect(throws: StoreError.alreadyExists) { try await store.add(again, ifPresent: .refuse) }
        await #expect(throws: StoreError.alreadyExists) { try await store.add(first, ifPresent: .replace) }
        #expect(try await store.add(other, ifPresent: .refuse) == nil)
        #expect(try await store.add(again, ifPresent: .replace) == first)
        #expect(store.registration(first.id) == nil)
        #expect(store.registrations(of: first.owner, deviceID: "d1") == [again])
        #expect(store.registrations(of: first.number) == [again, other])
        try await store.close()
    }

    /// The client's other users, and the client without one, leave it alone until it has expired.
    @Test(arguments: StoreKind.allCases) func aLiveOneIsItsOwners(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let own = try Registration.test("r1", user: true, created: clock.now, lasts: 60)
        try await store.add(own, ifPresent: .refuse)
        for rule in [ConflictRule.refuse, .replace] {
            await #expect(throws: StoreError.heldByAnother) {
                try await store.add(.test("r2", created: clock.now), ifPresent: rule)
            }
        }
        #expect(store.registrations(of: own.number) == [own])
        let mine = try Registration.test("r3", device: "d2", created: clock.now)
        #expect(try await store.add(mine, ifPresent: .refuse) == nil)
        clock.advance(60)
        let later = try Registration.test("r4", created: clock.now)
        #expect(try await store.add(later, ifPresent: .refuse) == own)
        #expect(store.registrations(of: own.owner, deviceID: "d1") == [])
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func anOwnersShareOfTheRoom(_ kind: StoreKind) async throws {
        let room = Footprint.bytes(of: try Registration.test("r1", created: clock.now))
        var store = try open(kind) { $0.limits.bytesPerOwner = 2 * room }
        try await store.add(.test("r1", device: "d1", created: clock.now), ifPresent: .refuse)
        try await store.add(.test("r2", device: "d2", created: clock.now), ifPresent: .refuse)
        if kind == .sqlite {
            try await store.close()
            store = try open(kind) { $0.limits.bytesPerOwner = 2 * room }
        }
        await #expect(throws: StoreError.limitReached(.bytesPerOwner)) {
            try await store.add(.test("r3", device: "d3", created: clock.now), ifPresent: .refuse)
        }
        // Subscriptions have the same share.
        await #expect(throws: StoreError.limitReached(.bytesPerOwner)) {
            try await store.add(.test("s1", created: clock.now))
        }
        // What makes way gives its room; so does what is gone; and others have a share of their own.
        try await store.add(.test("r4", device: "d2", created: clock.now), ifPresent: .replace)
        try await store.add(.test("r5", device: "d1", number: 2, user: true, created: clock.now), ifPresent: .refuse)
        store.removeRegistration(RegistrationID(rawValue: "r4"))
        try await store.add(.test("r6", device: "d6", created: clock.now), ifPresent: .refuse)
        try await store.close()
    }

    /// No owner can fill the store, whatever its entries are like.
    @Test func defaultsLeaveRoomForOthers() {
        let limits = StoreLimits()
        #expect(limits.registrationsPerOwner <= limits.registrations / 10)
        #expect(limits.subscriptionsPerOwner <= limits.subscriptions / 10)
        #expect(limits.bytesPerOwner <= limits.bytes / 8)
    }

    @Test(arguments: StoreKind.allCases) func whatHasExpiredMakesWay(_ kind: StoreKind) async throws {
        let store = try open(kind) { $0.limits.registrations = 1 }
        let first = try Registration.test("r1", created: clock.now, lasts: 60)
        try await store.add(first, ifPresent: .refuse)
        clock.advance(60)
        let second = try Registration.test("r2", created: clock.now)
        #expect(try await store.add(second, ifPresent: .refuse) == first)
        #expect(store.takeExpiredRegistrations(limit: 10) == [])
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func keepsItsLimits(_ kind: StoreKind) async throws {
        let store = try open(kind) {
            $0.limits.registrations = 5
            $0.limits.registrationsPerNumber = 2
            $0.limits.registrationsPerOwner = 3
        }
        func add(_ id: String, device: String, number: Int, client: String = "app") async throws {
            try await store.add(
                .test(id, device: device, number: number, client: client, created: clock.now, lasts: 60),
                ifPresent: .replace)
        }
        try await add("r1", device: "d1", number: 1)
        try await add("r2", device: "d2", number: 1)
        await #expect(throws: StoreError.limitReached(.registrationsPerNumber)) {
            try await add("r3", device: "d3", number: 1)
        }
        try await add("r4", device: "d2", number: 1)  // replaces r2
        try await add("r5", device: "d1", number: 2)
        await #expect(throws: StoreError.limitReached(.registrationsPerOwner)) {
            try await add("r6", device: "d1", number: 3)
        }
        try await add("r7", device: "d1", number: 3, client: "other")
        try await add("r8", device: "d1", number: 4, client: "fifth")
        await #expect(throws: StoreError.limitReached(.registrations)) {
            try await add("r9", device: "d1", number: 5, client: "third")
        }
        store.removeRegistration(RegistrationID(rawValue: "r8"))
        try await add("r9", device: "d1", number: 5, client: "third")
        // Expired ones no longer ring, so they do not count for their number.
        clock.advance(60)
        #expect(store.takeExpiredRegistrations(limit: 1).count == 1)
        try await add("r10", device: "d4", number: 1, client: "fourth")
        #expect(store.statistics().registrations == 5)
        try await store.close()
    }

    @Test(arguments: StoreKind.allCases) func refreshesAndRemoves(_ kind: StoreKind) async throws {
        let store = try open(kind)
        let first = try Registration.test("r1", created: clock.now, lasts: 60)
        try await store.add(first, ifPresent: .refuse)
        clock.advance(30)
        let later = try await store.refreshRegistration(first.id, until: clock.now + 60)
        #expect(later.expiresAt == clock.now + 60)
        clock.advance(59)
        #expect(store.registration(first.id) == later)
        let earlier = try await store.refreshRegistration(first.id, until: clock.now + 0.5)
        clock.advance(0.5)
        #expect(store.removeRegistration(first.id) == earlier)
        #expect(store.removeRegistration(first.id) == nil)
        #expect(store.nextRegistrationExpiry == nil)
        try await store.flush()
        try await store.close()
    }

    /// Random operations, each compared with what a plain list would answer; the file then holds the same.
    @Test(arguments: StoreKind.allCases, 1...6) func behavesLikeAList(_ kind: StoreKind, _ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var model: [Registration] = []
        var store = try open(kind) { $0.limits.registrationsPerNumber = 3 }
        func live() -> [Registration] { model.filter { $0.isLive(at: clock.now) } }

        for step in 0..<300 {
            let device = "d\(Int.random(in: 0..<4, using: &random))"
            let number = Int.random(in: 0..<3, using: &random)
            let client = ["a", "b"][Int.random(in: 0..<2, using: &random)]
            let known = model.randomElement(using: &random)?.id ?? RegistrationID(rawValue: "none")
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5:
                let new = try Registration.test(
                    "r\(step)", device: device, number: number, client: client, user: Bool.random(using: &random),
                    created: clock.now, lasts: Double.random(in: 1..<200, using: &random).rounded())
                let rule: ConflictRule = Bool.random(using: &random) ? .refuse : .replace
                let present = model.first {
                    $0.deviceID == device && $0.number == new.number && $0.owner.client == client
                }
                let others = live().count { $0.number == new.number && $0.id != present?.id }
                if let present, present.isLive(at: clock.now), present.owner != new.owner {
                    await #expect(throws: StoreError.heldByAnother) { try await store.add(new, ifPresent: rule) }
                } else if let present, present.isLive(at: clock.now), rule == .refuse {
                    await #expect(throws: StoreError.alreadyExists) { try await store.add(new, ifPresent: rule) }
                } else if others >= 3 {
                    await #expect(throws: StoreError.limitReached(.registrationsPerNumber)) {
                        try await store.add(new, ifPresent: rule)
                    }
                } else {
                    #expect(try await store.add(new, ifPresent: rule) == present)
                    model.removeAll { $0.id == present?.id }
                    model.append(new)
                }
            case 5, 6:
                let index = model.firstIndex { $0.id == known && $0.isLive(at: clock.now) }
                let until = clock.now + Double(Int.random(in: -5..<100, using: &random))
                if let index {
                    model[index].expiresAt = until
                    #expect(try await store.refreshRegistration(known, until: until) == model[index])
                } else {
                    await #expect(throws: StoreError.notFound) {
                        try await store.refreshRegistration(known, until: until)
                    }
                }
            case 7:
                #expect(store.removeRegistration(known) == model.first { $0.id == known })
                model.removeAll { $0.id == known }
            case 8:
                let taken = store.takeExpiredRegistrations(limit: 3)
                let expired = model.filter { !$0.isLive(at: clock.now) }.map(\.expiresAt).sorted()
                #expect(taken.map(\.expiresAt) == Array(expired.prefix(3)))
                model.removeAll { taken.contains($0) }
            case 9 where kind == .sqlite && step % 5 == 0:
                try await store.close()
                store = try open(kind) { $0.limits.registrationsPerNumber = 3 }
            default:
                clock.advance(Double(Int.random(in: 0..<20, using: &random)))
            }
            let phone = try Registration.test("x", number: number, created: clock.now).number
            #expect(Set(store.registrations(of: phone)) == Set(live().filter { $0.number == phone }))
            let owner = SessionOwner(client: client)
            let own = live().filter { $0.owner == owner && $0.deviceID == device }
            #expect(Set(store.registrations(of: owner, deviceID: device)) == Set(own))
            #expect(store.statistics().registrations == model.count)
            #expect(store.nextRegistrationExpiry == model.map(\.expiresAt).min())
        }
        try await store.close()
        if kind == .sqlite {
            let reopened = try open(kind)
            #expect(reopened.statistics().registrations == model.count)
            for registration in model where registration.isLive(at: clock.now) {
                #expect(reopened.registration(registration.id) == registration)
            }
            try await reopened.close()
        }
    }
}
