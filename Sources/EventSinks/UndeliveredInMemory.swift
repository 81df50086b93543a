import CallCore
import Synchronization

/// Undelivered events for as long as the process lives, for a delivery engine without a store.
public final class UndeliveredInMemory: UndeliveredEvents {
    private struct State {
        var deliveries: [Delivery.ID: (number: Int, delivery: Delivery)] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// An empty store.
    public init() {}

    /// Keeps `delivery` in the place of one with the same id, or behind all others.
    public func save(_ delivery: Delivery) {
        state.withLock { state in
            state.last += 1
            let number = state.deliveries[delivery.id]?.number ?? state.last
            state.deliveries[delivery.id] = (number, delivery)
        }
    }

    /// Forgets the delivery with this id.
    public func remove(_ id: Delivery.ID) {
        state.withLock { $0.deliveries[id] = nil }
    }

    /// Everything kept, in the order in which it was saved. Never throws.
    public func all() async throws -> [Delivery] {
        state.withLock { $0.deliveries.values.sorted { $0.number < $1.number }.map(\.delivery) }
    }
}
