/// Keeps what has not reached its sink over a restart.
///
/// The first two are called on the delivery thread, which serves every sink: they return at once and write behind. A store
/// that writes in batches may let a `save` and a `remove` of the same id within one batch cancel each other out.
public protocol UndeliveredEvents: Sendable {
    /// Keeps `delivery`, in place of one with the same id.
    func save(_ delivery: Delivery)
    /// Forgets the delivery with this id: it arrived, or was given up.
    func remove(_ id: Delivery.ID)
    /// Everything kept, in the order in which it was saved.
    /// - Throws: what keeps the store from being read.
    func all() async throws -> [Delivery]
}
