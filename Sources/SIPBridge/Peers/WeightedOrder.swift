/// The order in which servers of different priorities and weights are tried (RFC 2782, "Usage rules").
enum WeightedOrder {
    /// A server, by whatever number its owner knows it by.
    struct Entry: Equatable, Sendable {
        var index: Int
        var priority: Int
        var weight: UInt16
    }

    /// The entries' indices: the lowest priority value first; among equals each next one is drawn by its share of what the
    /// weights of those left come to. Weight 0 is for those that are hardly ever to be first.
    static func indices(of entries: [Entry], using random: inout some RandomNumberGenerator) -> [Int] {
        // Those of weight 0 in front, as the RFC has it: a draw of 0 falls on the first of them.
        var left = entries.enumerated().sorted { first, second in
            (first.element.priority, first.element.weight == 0 ? 0 : 1, first.offset)
                < (second.element.priority, second.element.weight == 0 ? 0 : 1, second.offset)
        }.map(\.element)
        var order: [Int] = []
        order.reserveCapacity(left.count)
        while let priority = left.first?.priority {
            let equals = left.prefix { $0.priority == priority }
            let drawn = equals.count == 1 ? 0 : draw(equals, using: &random)
            order.append(left.remove(at: drawn).index)
        }
        return order
    }

    private static func draw(_ equals: ArraySlice<Entry>, using random: inout some RandomNumberGenerator) -> Int {
        let total = equals.reduce(0) { $0 + Int($1.weight) }
        let mark = Int.random(in: 0...total, using: &random)
        var sum = 0
        for (place, entry) in equals.enumerated() {
            sum += Int(entry.weight)
            if sum >= mark { return place }
        }
        return 0
    }
}
