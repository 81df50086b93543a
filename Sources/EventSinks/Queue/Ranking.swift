/// Which of many weights is the highest: a binary heap that knows each place's position in it, so that every change costs
/// O(log n).
struct Ranking: Sendable {
    /// Places with a weight, each at least as heavy as the two below it.
    private var heap: [Int] = []
    private var weights: [Int] = []
    /// Where each place is in the heap; nil for those without a weight.
    private var positions: [Int?] = []

    /// A place that no other outweighs; nil if none has a weight.
    var first: Int? { heap.first }

    /// Changes the weight of a place by `amount`; below zero is zero. Places are small numbers that are used again, as a
    /// ``Slab``'s are; a new one has no weight.
    mutating func add(_ amount: Int, to place: Int) {
        while weights.count <= place {
            weights.append(0)
            positions.append(nil)
        }
        weights[place] = max(0, weights[place] + amount)
        if let position = positions[place] {
            if weights[place] == 0 { return remove(at: position) }
            settle(position)
        } else if weights[place] > 0 {
            heap.append(place)
            positions[place] = heap.count - 1
            settle(heap.count - 1)
        }
    }

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
        var position = start
        while position > 0, weights[heap[(position - 1) / 2]] < weights[place] {
            put(heap[(position - 1) / 2], at: position)
            position = (position - 1) / 2
        }
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, weights[heap[child]] < weights[heap[child + 1]] { child += 1 }
            guard weights[place] < weights[heap[child]] else { break }
            put(heap[child], at: position)
            position = child
        }
        put(place, at: position)
    }
}
