/// Sums by key. A key whose sum is zero takes no room.
struct Tally<Key: Hashable & Sendable>: Sendable {
    private var sums: [Key: Int] = [:]

    subscript(key: Key) -> Int { sums[key] ?? 0 }

    mutating func add(_ amount: Int, to key: Key) {
        let sum = self[key] + amount
        sums[key] = sum == 0 ? nil : sum
    }
}
