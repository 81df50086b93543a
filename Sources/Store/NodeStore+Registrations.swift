import CallCore
import Foundation

extension NodeStore {
    func registration(_ id: RegistrationID) -> Registration? {
        live(shared.read { $0.registrations[id] })
    }

    func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration? {
        live(shared.read { $0.registrations.registration(id, of: owner) })
    }

    func registeredNumbers() -> [PhoneNumber: Date] {
        shared.read { contents in
            contents.registrations.all.values.reduce(into: [:]) { numbers, registration in
                let known = numbers[registration.number] ?? .distantPast
                numbers[registration.number] = max(known, registration.expiresAt)
            }
        }
    }

    func registrations(of number: PhoneNumber) -> [Registration] {
        live(shared.read { $0.registrations.registrations(of: number) })
    }

    func registrations(of owner: SessionOwner, deviceID: String) -> [Registration] {
        live(shared.read { $0.registrations.registrations(of: owner, deviceID: deviceID) })
    }

    @discardableResult
    func add(
        _ registration: Registration, ifPresent: ConflictRule
    ) async throws(StoreError) -> Registration? {
        let now = clock()
        return try await shared.commit { contents throws(StoreError) in
            try contents.add(registration, ifPresent: ifPresent, now: now)
        }
    }

    @discardableResult
    func refreshRegistration(
        _ id: RegistrationID, until expiresAt: Date
    ) async throws(StoreError) -> Registration {
        let now = clock()
        return try await shared.commit { contents throws(StoreError) in
            try contents.refreshRegistration(id, until: expiresAt, now: now)
        }
    }

    @discardableResult
    func removeRegistration(_ id: RegistrationID) -> Registration? {
        shared.change { $0.removeRegistration(id) }
    }

    func takeExpiredRegistrations(limit: Int) -> [Registration] {
        let now = clock()
        return shared.change { $0.takeExpiredRegistrations(limit: limit, now: now) }
    }

    var nextRegistrationExpiry: Date? {
        shared.read { $0.registrations.expiry.earliest?.time }
    }

    private func live(_ registration: Registration?) -> Registration? {
        guard let registration, registration.isLive(at: clock()) else { return nil }
        return registration
    }

    private func live(_ registrations: [Registration]) -> [Registration] {
        let now = clock()
        return registrations.filter { $0.isLive(at: now) }
    }
}
