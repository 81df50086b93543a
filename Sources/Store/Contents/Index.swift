/// The ids that share a key. Most keys have one id, which costs no set.
struct Index<Key: Hashable & Sendable, ID: Hashable & Sendable>: Sendable {
    private enum Bucket: Sendable {
        case one(ID)
        case many(Set<ID>)
    }

    private var buckets: [Key: Bucket] = [:]

    /// The ids under `key`, in no order.
    subscript(key: Key) -> [ID] {
        switch buckets[key] {
        case .none: []
        case .one(let id): [id]
        case .many(let ids): Array(ids)
        }
    }

    func count(_ key: Key) -> Int {
        switch buckets[key] {
        case .none: 0
        case .one: 1
        case .many(let ids): ids.count
        }
    }

    /// How many keys have ids.
    var keyCount: Int { buckets.count }

    mutating func insert(_ id: ID, under key: Key) {
        switch buckets[key] {
        case .none: buckets[key] = .one(id)
        case .one(let other): if other != id { buckets[key] = .many([other, id]) }
        case .many(var ids):
            // Taken out first, so that the set is changed in place and not copied.
            buckets[key] = .one(id)
            ids.insert(id)
            buckets[key] = .many(ids)
        }
    }

    mutating func remove(_ id: ID, under key: Key) {
        switch buckets[key] {
        case .none: return
        case .one(let other): if other == id { buckets[key] = nil }
        case .many(var ids):
            buckets[key] = .one(id)
            ids.remove(id)
            switch ids.count {
            case 0: buckets[key] = nil
            case 1: buckets[key] = ids.first.map(Bucket.one)
            default: buckets[key] = .many(ids)
            }
        }
    }
}
