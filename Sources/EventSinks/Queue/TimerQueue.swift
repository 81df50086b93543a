/// Deadlines, earliest first: a binary heap. Entries are never taken out early; whoever receives one asks whether it still
/// means anything.
struct TimerQueue<Element: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: UInt64
        var element: Element
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    /// The earliest deadline.
    var first: UInt64? { heap.first?.time }

    mutating func insert(_ element: Element, at time: UInt64) {
        heap.append(Entry(time: time, element: element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent].time <= heap[child].time { break }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    /// Takes the earliest entry if its deadline is `now` or before.
    mutating func pop(until now: UInt64) -> Element? {
        guard let first = heap.first, first.time <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        return first.element
    }

    /// Drops what `isLive` denies once there is more than twice as much as the `live` entries there can be.
    mutating func compact(live: Int, keeping isLive: (Element, UInt64) -> Bool) {
        guard heap.count > 2 * live + 64 else { return }
        // A sorted array is a heap.
        heap = heap.filter { isLive($0.element, $0.time) }.sorted { $0.time < $1.time }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].time < heap[least].time { least = child }
            }
            if least == parent { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
