import CallCore
import Foundation

/// The registrations in memory with every way they are looked up. Knows nothing of time but their order of expiry.
struct RegistrationTable: Sendable {
    /// A device may register a number once for each client: two applications on one device do not share a
    /// registration, and neither can take the other's.
    struct Place: Hashable, Sendable {
        var client: String
        var deviceID: String
        var number: PhoneNumber

        init(client: String, deviceID: String, number: PhoneNumber) {
            self.client = client
            self.deviceID = deviceID
            self.number = number
        }

        init(_ registration: Registration) {
            self.init(
                client: registration.owner.client, deviceID: registration.deviceID, number: registration.number)
        }
    }

    private(set) var all: [RegistrationID: Registration] = [:]
    private(set) var expiry = ExpiryQueue<RegistrationID>()
    private var byPlace: [Place: RegistrationID] = [:]
    private var byNumber = Index<PhoneNumber, RegistrationID>()
    private var byOwner = Index<SessionOwner, RegistrationID>()
    private var byDevice = Index<String, RegistrationID>()

    subscript(id: RegistrationID) -> Registration? { all[id] }

    subscript(place: Place) -> Registration? { byPlace[place].flatMap { all[$0] } }

    /// Oldest first.
    func registrations(of number: PhoneNumber) -> [Registration] { entries(byNumber[number]) }
    func registrations(of owner: SessionOwner) -> [Registration] { entries(byOwner[owner]) }
    func registrations(deviceID: String) -> [Registration] { entries(byDevice[deviceID]) }

    func count(of number: PhoneNumber) -> Int { byNumber.count(number) }
    func count(of owner: SessionOwner) -> Int { byOwner.count(owner) }

    /// Makes `value` the entry of `id`; nil takes it out.
    mutating func set(_ id: RegistrationID, to value: Registration?) {
        if let old = all[id] {
            if let value, value.owner == old.owner, Place(value) == Place(old) {
                all[id] = value
                expiry.set(id, to: value.expiresAt)
                return
            }
            if byPlace[Place(old)] == id { byPlace[Place(old)] = nil }
            byNumber.remove(id, under: old.number)
            byOwner.remove(id, under: old.owner)
            byDevice.remove(id, under: old.deviceID)
        }
        all[id] = value
        guard let value else { return expiry.remove(id) }
        byPlace[Place(value)] = id
        byNumber.insert(id, under: value.number)
        byOwner.insert(id, under: value.owner)
        byDevice.insert(id, under: value.deviceID)
        expiry.set(id, to: value.expiresAt)
    }

    private func entries(_ ids: [RegistrationID]) -> [Registration] {
        ids.compactMap { all[$0] }.sorted {
            $0.createdAt == $1.createdAt ? $0.id.rawValue < $1.id.rawValue : $0.createdAt < $1.createdAt
        }
    }
}
