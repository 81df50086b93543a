/// What a ``DeadlineQueue`` orders. The queue owns `heapIndex` while the element is in it.
package protocol Deadlined: AnyObject {
    /// Nanoseconds of the agent's clock.
    var deadline: UInt64 { get set }
    /// Place in the queue; negative while in none.
    var heapIndex: Int { get set }
}

/// Elements by their deadline, earliest first: a binary heap in which every element knows its place, so that a deadline
/// moves or goes in O(log n) and nothing stale stays behind, however many calls last for hours.
package struct DeadlineQueue<Element: Deadlined> {
    private var heap: [Element] = []

    package init() {}

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    package var earliest: Element? { heap.first }

    /// Puts `element` in, or moves it to where its deadline belongs.
    package mutating func update(_ element: Element, deadline: UInt64) {
        element.deadline = deadline
        if element.heapIndex < 0 {
            element.heapIndex = heap.count
            heap.append(element)
        }
        let index = element.heapIndex
        siftUp(index)
        siftDown(element.heapIndex)
    }

    /// Takes `element` out; nothing happens if it is not in.
    package mutating func remove(_ element: Element) {
        let index = element.heapIndex
        guard index >= 0 else { return }
        let last = heap.count - 1
        if index != last {
            swap(index, last)
            heap.removeLast()
            let moved = heap[index]
            siftUp(index)
            siftDown(moved.heapIndex)
        } else {
            heap.removeLast()
        }
        element.heapIndex = -1
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        heap.swapAt(first, second)
        heap[first].heapIndex = first
        heap[second].heapIndex = second
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].deadline < heap[parent].deadline else { return }
            swap(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].deadline < heap[least].deadline { least = child }
            }
            guard least != index else { return }
            swap(index, least)
            index = least
        }
    }
}
