import CallCore
import Foundation

/// The rules of registrations: unique places, limits, and expiry. `now` is the store's clock.
extension Contents {
    /// Adds a registration. One that has expired in its place makes way, whatever the rule; a live one of another owner
    /// never does.
    /// - Returns: what it replaced, live or expired, so that its end can be told.
    mutating func add(
        _ registration: Registration, ifPresent: ConflictRule, now: Date
    ) throws(StoreError) -> Registration? {
        guard registrations[registration.id] == nil else { throw .alreadyExists }
        let present = registrations[RegistrationTable.Place(registration)]
        if let present, present.isLive(at: now) {
            guard present.owner == registration.owner else { throw .heldByAnother }
            guard ifPresent == .replace else { throw .alreadyExists }
        }
        // What it replaces does not count; what has expired and was not yet taken does, until it is.
        let freed = present == nil ? 0 : 1
        guard registrations.all.count - freed < limits.registrations else { throw .limitReached(.registrations) }
        let live = registrations.registrations(of: registration.number).count {
            $0.isLive(at: now) && $0.id != present?.id
        }
        guard live < limits.registrationsPerNumber else { throw .limitReached(.registrationsPerNumber) }
        let freedOfOwner = present?.owner == registration.owner ? 1 : 0
        guard registrations.count(of: registration.owner) - freedOfOwner < limits.registrationsPerOwner else {
            throw .limitReached(.registrationsPerOwner)
        }
        try checkRoom(for: .registration(registration), inPlaceOf: present.map(Row.registration))
        // What it replaces is the same client's, whose share stays as it is.
        if present == nil {
            let client = registration.owner.client
            try checkShare(
                used: registrations.count(ofClient: client), total: registrations.all.count,
                limit: limits.registrations)
            try checkShareOfBytes(of: client)
        }
        if let present { set(.registration(present.id), to: nil) }
        set(.registration(registration.id), to: .registration(registration))
        return present
    }

    /// Moves the expiry of a live registration.
    /// - Returns: the registration as it now is.
    mutating func refreshRegistration(
        _ id: RegistrationID, until expiresAt: Date, now: Date
    ) throws(StoreError) -> Registration {
        guard var registration = registrations[id], registration.isLive(at: now) else { throw .notFound }
        registration.expiresAt = expiresAt
        set(.registration(id), to: .registration(registration))
        return registration
    }

    /// Takes a registration out, live or not.
    mutating func removeRegistration(_ id: RegistrationID) -> Registration? {
        guard let registration = registrations[id] else { return nil }
        set(.registration(id), to: nil)
        return registration
    }

    /// Takes out those that have expired, the longest expired first, at most `limit`.
    mutating func takeExpiredRegistrations(limit: Int, now: Date) -> [Registration] {
        var taken: [Registration] = []
        while taken.count < limit, let (id, time) = registrations.expiry.earliest, time <= now {
            guard let registration = removeRegistration(id) else { break }
            taken.append(registration)
        }
        return taken
    }
}
