/// Which of many weights is the highest: a binary heap that knows each place's position in it, so that every change costs
/// O(log n).
struct Ranking: Sendable {
    /// Places with a weight, each at least as heavy as the two below it.
    private var heap: [Int] = []
    /// Those above zero.
    private var weights: [Int: Int] = [:]
    /// Where each place that has a weight is in the heap.
    private var positions: [Int: Int] = [:]

    /// A place that no other outweighs; nil if none has a weight.
    var first: Int? { heap.first }

    /// Changes the weight of a place by `amount`; below zero is zero. A new place has no weight, and one without a weight
    /// takes no room.
    mutating func add(_ amount: Int, to place: Int) {
        let weight = (weights[place] ?? 0) + amount
        guard weight > 0 else {
            weights[place] = nil
            if let position = positions[place] { remove(at: position) }
            return
        }
        weights[place] = weight
        if positions[place] == nil { heap.append(place) }
        settle(positions[place] ?? heap.count - 1)
    }

    private func weight(at position: Int) -> Int { weights[heap[position]] ?? 0 }

    private mutating func remove(at position: Int) {
        positions[heap[position]] = nil
        let last = heap.removeLast()
        guard position < heap.count else { return }
        put(last, at: position)
        settle(position)
    }

    private mutating func put(_ place: Int, at position: Int) {
        heap[position] = place
        positions[place] = position
    }

    /// Moves what is at `start` up or down to where it belongs.
    private mutating func settle(_ start: Int) {
        let place = heap[start]
        let weight = weight(at: start)
        var position = start
        while position > 0, self.weight(at: (position - 1) / 2) < weight {
            put(heap[(position - 1) / 2], at: position)
            position = (position - 1) / 2
        }
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, self.weight(at: child) < self.weight(at: child + 1) { child += 1 }
            guard weight < self.weight(at: child) else { break }
            put(heap[child], at: position)
            position = child
        }
        put(place, at: position)
    }
}
