/// Which of many counters is the highest, when counters go up and down by one: one bucket a count, so that every change
/// costs the same however many there are.
struct Ranking: Sendable {
    /// `buckets[n]` holds the places whose count is n.
    private var buckets: [[Int]] = [[]]
    private var counts: [Int] = []
    private var positions: [Int] = []
    private var highest = 0

    /// The place that reached the highest count last; nil if all are zero.
    var first: Int? { highest == 0 ? nil : buckets[highest].last }

    /// Places are small numbers that are used again, as a ``Slab``'s are; a new one's count is zero.
    mutating func increment(_ place: Int) {
        while counts.count <= place {
            counts.append(0)
            positions.append(-1)
        }
        leave(place)
        counts[place] += 1
        enter(place)
        highest = max(highest, counts[place])
    }

    mutating func decrement(_ place: Int) {
        guard place < counts.count, counts[place] > 0 else { return }
        leave(place)
        counts[place] -= 1
        enter(place)
        while highest > 0, buckets[highest].isEmpty { highest -= 1 }
    }

    private mutating func leave(_ place: Int) {
        let count = counts[place]
        guard count > 0 else { return }
        let position = positions[place]
        let last = buckets[count].removeLast()
        if last != place {
            buckets[count][position] = last
            positions[last] = position
        }
    }

    private mutating func enter(_ place: Int) {
        let count = counts[place]
        guard count > 0 else { return }
        while buckets.count <= count { buckets.append([]) }
        positions[place] = buckets[count].count
        buckets[count].append(place)
    }
}
