/// Which of many weights is the highest: a binary heap that knows each place's position in it, so that every change costs
/// O(log n). Places are small numbers, such as a ``Slab``'s: there is room for all up to the highest that had a weight.
struct Ranking: Sendable {
    private struct Place: Sendable {
        var weight = 0
        /// In the heap; of no meaning without a weight.
        var position = 0
    }

    /// Places with a weight, each at least as heavy as the two below it.
    private var heap: [Int] = []
    private var places: [Place] = []

    /// A place that no other outweighs; nil if none has a weight.
    var first: Int? { heap.first }

    /// All places that have a weight, each with its own: for tests.
    var ranked: [Int: Int] { Dictionary(uniqueKeysWithValues: heap.map { ($0, places[$0].weight) }) }

    /// Changes the weight of a place by `amount`; below zero is zero. A new place has no weight.
    mutating func add(_ amount: Int, to place: Int) {
        if place >= places.count {
            guard amount > 0 else { return }
            places.append(contentsOf: repeatElement(Place(), count: place + 1 - places.count))
        }
        let before = places[place].weight
        let weight = max(0, before + amount)
        places[place].weight = weight
        if weight > 0 {
            if before == 0 {
                places[place].position = heap.count
                heap.append(place)
            }
            settle(places[place].position)
        } else if before > 0 {
            remove(at: places[place].position)
        }
    }

    private func weight(at position: Int) -> Int { places[heap[position]].weight }

    private mutating func remove(at position: Int) {
        let last = heap.removeLast()
        guard position < heap.count else { return }
        put(last, at: position)
        settle(position)
    }

    private mutating func put(_ place: Int, at position: Int) {
        heap[position] = place
        places[place].position = position
    }

    /// Moves what is at `start` up or down to where it belongs.
    private mutating func settle(_ start: Int) {
        let place = heap[start]
        let weight = places[place].weight
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
