import CallCore

/// Which sessions are alive, by owner and device: nothing but their ids. It is kept while nobody subscribes, too, because a
/// subscription that comes later may ask for the state of sessions that began before it.
struct LiveSessions: Sendable {
    /// In parts, because a table that grows moves all it holds, and the SIP thread waits meanwhile.
    private var shards = [[Subject: Set<SessionID>]](repeating: [:], count: 64)
    /// How many there are.
    private(set) var count = 0

    private func place(_ id: SessionID) -> Int { id.hashValue & (shards.count - 1) }

    /// What a session is found by first; one with a device also by its registration.
    private func subject(of session: Session) -> Subject {
        session.device.map { .device(session.owner, $0.deviceID) } ?? .anyDevice(session.owner)
    }

    /// Whether it was put in and not taken out.
    func contains(_ session: Session) -> Bool {
        shards[place(session.id)][subject(of: session)]?.contains(session.id) ?? false
    }

    /// Puts a session in; nothing happens if it is in.
    mutating func insert(_ session: Session) {
        let place = place(session.id)
        guard shards[place][subject(of: session), default: []].insert(session.id).inserted else { return }
        count += 1
        guard let device = session.device else { return }
        let registration = Subject.registration(session.owner, device.registrationID.rawValue)
        shards[place][registration, default: []].insert(session.id)
    }

    /// Takes a session out; nothing happens if it is not in.
    mutating func remove(_ session: Session) {
        guard remove(session.id, under: subject(of: session)) else { return }
        count -= 1
        guard let device = session.device else { return }
        _ = remove(session.id, under: .registration(session.owner, device.registrationID.rawValue))
    }

    private mutating func remove(_ id: SessionID, under subject: Subject) -> Bool {
        let place = place(id)
        guard let index = shards[place].index(forKey: subject), shards[place].values[index].remove(id) != nil else {
            return false
        }
        if shards[place].values[index].isEmpty { shards[place].remove(at: index) }
        return true
    }

    /// The live sessions under any of `subjects`, at most `limit`, in no order and none twice.
    func sessions(under subjects: [Subject], limit: Int) -> [SessionID] {
        var found: Set<SessionID> = []
        for subject in subjects {
            for shard in shards {
                for id in shard[subject] ?? [] {
                    guard found.count < limit else { return Array(found) }
                    found.insert(id)
                }
            }
        }
        return Array(found)
    }

    /// Whether nothing at all is left of any session.
    var isEmpty: Bool { count == 0 && shards.allSatisfy(\.isEmpty) }
}
