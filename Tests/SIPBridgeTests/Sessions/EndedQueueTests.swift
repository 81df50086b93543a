import CallCore
import Testing

@testable import SIPBridge

/// The queue of ended sessions, over the borders of its blocks.
@Suite struct EndedQueueTests {
    private func entry(_ number: Int) -> EndedQueue.Entry {
        .init(id: SessionID(rawValue: "\(number)"), until: UInt64(number), bytes: number)
    }

    @Test(arguments: [1, 1_023, 1_024, 1_025, 2_048, 5_000])
    func whatGoesInComesOutInOrder(count: Int) {
        var queue = EndedQueue()
        for number in 0..<count { queue.append(entry(number)) }
        #expect(queue.count == count)
        #expect(queue.bytes == count * (count - 1) / 2)
        for number in 0..<count {
            #expect(queue.first?.id.rawValue == "\(number)")
            #expect(queue.removeFirst()?.id.rawValue == "\(number)")
        }
        #expect(queue.first == nil)
        #expect(queue.removeFirst() == nil)
        #expect(queue.count == 0 && queue.bytes == 0)
    }

    /// Kept at a constant length while 20,000 go through, and emptied at times: as in a gateway that runs for long.
    @Test(arguments: [1, 7, 1_024, 3_000])
    func aQueueThatMovesOn(length: Int) {
        var queue = EndedQueue()
        var next = 0
        var oldest = 0
        while next < 20_000 {
            queue.append(entry(next))
            next += 1
            let keep = next % 5_000 == 0 ? 0 : length
            while queue.count > keep {
                #expect(queue.removeFirst()?.until == UInt64(oldest))
                oldest += 1
            }
            #expect(queue.count == next - oldest)
        }
    }
}
