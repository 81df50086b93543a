/// Deadlines in the order they come due. Entries are never removed early: the one who gets an entry checks whether it
/// still matters.
struct TimerHeap {
    struct Entry {
        let due: Nanoseconds
        let call: CallReference
        let kind: Kind
    }

    enum Kind { case callTimeout, repeatAnswer }

    private var entries: [Entry] = []

    var nextDue: Nanoseconds? { entries.first?.due }

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].due < entries[parent].due else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest entry if it is due at `now`.
    mutating func take(dueAt now: Nanoseconds) -> Entry? {
        guard let first = entries.first, first.due <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var parent = 0
        while true {
            let left = parent * 2 + 1
            guard left < entries.count else { break }
            let right = left + 1
            let child = right < entries.count && entries[right].due < entries[left].due ? right : left
            guard entries[child].due < entries[parent].due else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
