/// A queue in an array; what was taken is let go in batches.
struct Line<Element: Sendable>: Sendable {
    private var storage: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == storage.count }
    var first: Element? { isEmpty ? nil : storage[head] }

    mutating func append(_ element: Element) { storage.append(element) }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        head += 1
        if head == storage.count || head >= 64 && head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return first
    }
}
