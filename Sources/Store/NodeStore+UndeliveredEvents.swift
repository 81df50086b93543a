import CallCore

extension NodeStore {
    func save(_ delivery: Delivery) {
        if !shared.change({ $0.save(delivery) }) { undeliveredRefused.add(1, ordering: .relaxed) }
    }

    func remove(_ id: Delivery.ID) {
        shared.change { $0.removeUndelivered(id) }
    }

    func all() async -> [Delivery] {
        shared.read { $0.undelivered.all }
    }
}
