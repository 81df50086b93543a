import Foundation
import Testing

@testable import Store

@Suite struct ExpiryQueueTests {
    /// Against a sorted list, with moves and removals.
    @Test(arguments: 1...20) func isOrderedWhateverHappens(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = ExpiryQueue<Int>()
        var model: [Int: Date] = [:]
        for _ in 0..<500 {
            let id = Int.random(in: 0..<60, using: &random)
            if Int.random(in: 0..<3, using: &random) > 0 {
                let time = Date(timeIntervalSince1970: Double(Int.random(in: 0..<1_000, using: &random)))
                queue.set(id, to: time)
                model[id] = time
            } else {
                queue.remove(id)
                model[id] = nil
            }
            #expect(queue.count == model.count)
            #expect(queue.earliest?.time == model.values.min())
        }
        var drained: [Date] = []
        while let (id, time) = queue.earliest {
            #expect(model.removeValue(forKey: id) == time)
            drained.append(time)
            queue.remove(id)
        }
        #expect(drained == drained.sorted())
        #expect(model.isEmpty)
    }
}

@Suite struct IndexTests {
    @Test(arguments: 1...20) func holdsWhatASetWould(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var index = Index<Int, Int>()
        var model: [Int: Set<Int>] = [:]
        for _ in 0..<500 {
            let key = Int.random(in: 0..<4, using: &random)
            let id = Int.random(in: 0..<6, using: &random)
            if Bool.random(using: &random) {
                index.insert(id, under: key)
                model[key, default: []].insert(id)
            } else {
                index.remove(id, under: key)
                model[key]?.remove(id)
            }
            #expect(Set(index[key]) == model[key] ?? [])
            #expect(index.count(key) == model[key]?.count ?? 0)
        }
        #expect(index.keyCount == model.values.count { !$0.isEmpty })
    }
}
