/// Which index each trunk has. Calls and registrations name a trunk by its index for as long as they live, so one that another
/// configuration leaves out or changes keeps its place until none names it any more; the others keep theirs anyway.
struct TrunkSlots: Sendable {
    /// By index; those of the configuration, and those that calls or registrations alone name.
    private(set) var trunks: [Trunk]
    /// The indices of the configuration's trunks, in its order.
    private(set) var current: [Int]

    init(_ trunks: [Trunk]) {
        self.trunks = trunks
        current = Array(trunks.indices)
    }

    /// Whether there are places that calls or registrations alone may name.
    var hasRetired: Bool { current.count < trunks.count }

    /// The trunks of another configuration. One that is equal to one of before has its place; another gets one that is free, or
    /// a new one.
    /// - Parameter isNamed: whether a call or a registration may still name an index.
    /// - Returns: the indices that stand for another trunk now, those that have been added at the end among them.
    mutating func replace(with new: [Trunk], isNamed: (Int) -> Bool) -> [Int] {
        // Names are distinct, so no place is taken twice.
        let known = new.map { trunk in trunks.firstIndex(of: trunk) }
        let kept = Set(current).union(known.compactMap(\.self))
        var free = trunks.indices.filter { !kept.contains($0) && !isNamed($0) }[...]
        var given: [Int] = []
        current = zip(new, known).map { trunk, known in
            if let known { return known }
            let place = free.popFirst() ?? trunks.count
            if place == trunks.count { trunks.append(trunk) } else { trunks[place] = trunk }
            given.append(place)
            return place
        }
        return given
    }
}
