import CallCore

/// The events that have not reached their sink, in the order in which they were saved.
struct UndeliveredTable: Sendable {
    private(set) var deliveries: [Int64: Delivery] = [:]
    private(set) var bytes = 0
    private var positions: [Delivery.ID: Int64] = [:]
    /// Where the next new one stands; places are never used again.
    private(set) var nextPosition: Int64 = 1

    subscript(position: Int64) -> Delivery? { deliveries[position] }

    func position(of id: Delivery.ID) -> Int64? { positions[id] }

    /// In the order in which they were saved.
    var all: [Delivery] { deliveries.sorted { $0.key < $1.key }.map(\.value) }

    /// Makes `value` the entry at `position`; nil takes it out.
    mutating func set(_ position: Int64, to value: Delivery?) {
        if let old = deliveries.removeValue(forKey: position) {
            bytes -= Footprint.bytes(of: old)
            positions[old.id] = nil
        }
        guard let value else { return }
        deliveries[position] = value
        positions[value.id] = position
        bytes += Footprint.bytes(of: value)
        nextPosition = max(nextPosition, position + 1)
    }
}
