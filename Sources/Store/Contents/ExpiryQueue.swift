import Foundation

/// Ids by the moment they expire, earliest first: a binary heap that knows each id's place, so that a refresh moves an
/// entry and a removal takes it out in O(log n). Nothing stale stays behind, however often one device refreshes.
struct ExpiryQueue<ID: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Date
        var id: ID
    }

    private var heap: [Entry] = []
    private var places: [ID: Int] = [:]

    var count: Int { heap.count }

    /// The id that expires next.
    var earliest: (id: ID, time: Date)? { heap.first.map { ($0.id, $0.time) } }

    /// Puts `id` in, or moves it to `time`.
    mutating func set(_ id: ID, to time: Date) {
        if let place = places[id] {
            let before = heap[place].time
            heap[place].time = time
            if time < before { siftUp(place) } else { siftDown(place) }
        } else {
            heap.append(Entry(time: time, id: id))
            places[id] = heap.count - 1
            siftUp(heap.count - 1)
        }
    }

    /// Takes `id` out; nothing happens if it is not in.
    mutating func remove(_ id: ID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = heap.removeLast()
        guard place < heap.count else { return }
        let before = heap[place].time
        put(last, at: place)
        if last.time < before { siftUp(place) } else { siftDown(place) }
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        places[entry.id] = place
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        let entry = heap[place]
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.time < heap[parent].time else { break }
            put(heap[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        let entry = heap[place]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < entry.time else { break }
            put(heap[child], at: place)
            place = child
        }
        put(entry, at: place)
    }
}
