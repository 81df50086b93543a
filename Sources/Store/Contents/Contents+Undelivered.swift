import CallCore

/// The rules of undelivered events: order and limits.
extension Contents {
    /// Keeps a delivery, in the place of one with the same id or behind all others.
    /// - Returns: false if there is no room. One that is kept already keeps its older form then.
    mutating func save(_ delivery: Delivery) -> Bool {
        let old = undelivered.position(of: delivery.id)
        let freed = old.flatMap { undelivered[$0] }.map(Footprint.bytes(of:)) ?? 0
        let needed = Footprint.bytes(of: delivery)
        guard old != nil || undelivered.deliveries.count < limits.undelivered,
            undelivered.bytes - freed + needed <= limits.undeliveredBytes
        else { return false }
        set(.undelivered(old ?? undelivered.nextPosition), to: .undelivered(delivery))
        return true
    }

    /// Forgets the delivery with this id.
    mutating func removeUndelivered(_ id: Delivery.ID) {
        guard let position = undelivered.position(of: id) else { return }
        set(.undelivered(position), to: nil)
    }
}
