/// A queue in an array: what was taken is let go in batches.
struct Fifo<Element: Sendable>: Sendable {
    private var storage: [Element] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Element? { isEmpty ? nil : storage[head] }

    /// The element `offset` places behind the first.
    subscript(offset: Int) -> Element { storage[head + offset] }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: head <= 64)
            head = 0
        } else if head >= 64, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return first
    }

    /// Removes the element `offset` places behind the first. Cheap near the front, which is where it is used.
    mutating func remove(at offset: Int) {
        if offset == 0 {
            popFirst()
        } else {
            storage.remove(at: head + offset)
        }
    }

    /// Takes the first element that is wanted, and drops the dead ones before it. Nothing behind it is touched, and no
    /// dead one is looked at twice.
    mutating func take(first isWanted: (Element) -> Bool, dropping isDead: (Element) -> Bool) -> Element? {
        var kept: [Element] = []
        for index in head..<storage.count {
            let element = storage[index]
            if isDead(element) { continue }
            guard isWanted(element) else {
                kept.append(element)
                continue
            }
            head = index + 1 - kept.count
            for (offset, element) in kept.enumerated() { storage[head + offset] = element }
            return element
        }
        storage = kept
        head = 0
        return nil
    }

    /// Drops what `isLive` denies once there is more than twice as much as the `live` elements there can be.
    mutating func compact(live: Int, keeping isLive: (Element) -> Bool) {
        guard count > 2 * live + 64 else { return }
        storage = storage[head...].filter(isLive)
        head = 0
    }
}
