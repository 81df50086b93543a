import CallCore
import Foundation

/// The registrations in memory with every way they are looked up. Knows nothing of time but their order of expiry.
struct RegistrationTable: Sendable {
    /// A device may register a number once for each client: two applications on one device do not share a
    /// registration, and neither can take the other's. Users of one client do share the place, since the device would
    /// ring twice; who has it keeps it while it is live.
    struct Place: Hashable, Sendable {
        var client: String
        var deviceID: String
        var number: PhoneNumber

        init(_ registration: Registration) {
            client = registration.owner.client
            deviceID = registration.deviceID
            number = registration.number
        }
    }

    /// A device as its owner names it.
    private struct Device: Hashable, Sendable {
        var owner: SessionOwner
        var id: String
    }

    private(set) var all: [RegistrationID: Registration] = [:]
    private(set) var expiry = ExpiryQueue<RegistrationID>()
    private var byPlace: [Place: RegistrationID] = [:]
    private var byNumber = Index<PhoneNumber, RegistrationID>()
    private var byDevice = Index<Device, RegistrationID>()
    private var owners = Tally<SessionOwner>()
    private var clients = Tally<String>()

    subscript(id: RegistrationID) -> Registration? { all[id] }

    /// Of somebody else's nothing but the owner is looked at, and where there is none one is compared all the same: both take
    /// the same time.
    func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration? {
        let index = all.index(forKey: id)
        let holder = index.map { all.values[$0].owner } ?? .nobody
        guard holder == owner, let index else { return nil }
        return all.values[index]
    }

    subscript(place: Place) -> Registration? { byPlace[place].flatMap { all[$0] } }

    /// Oldest first.
    func registrations(of number: PhoneNumber) -> [Registration] { entries(byNumber[number]) }
    func registrations(of owner: SessionOwner, deviceID: String) -> [Registration] {
        entries(byDevice[Device(owner: owner, id: deviceID)])
    }

    func count(of owner: SessionOwner) -> Int { owners[owner] }

    /// Of all its users together.
    func count(ofClient client: String) -> Int { clients[client] }

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
            byDevice.remove(id, under: Device(owner: old.owner, id: old.deviceID))
            owners.add(-1, to: old.owner)
            clients.add(-1, to: old.owner.client)
        }
        all[id] = value
        guard let value else { return expiry.remove(id) }
        byPlace[Place(value)] = id
        byNumber.insert(id, under: value.number)
        byDevice.insert(id, under: Device(owner: value.owner, id: value.deviceID))
        owners.add(1, to: value.owner)
        clients.add(1, to: value.owner.client)
        expiry.set(id, to: value.expiresAt)
    }

    private func entries(_ ids: [RegistrationID]) -> [Registration] {
        ids.compactMap { all[$0] }.sorted {
            $0.createdAt == $1.createdAt ? $0.id.rawValue < $1.id.rawValue : $0.createdAt < $1.createdAt
        }
    }
}
