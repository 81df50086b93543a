import CallCore

/// What is kept of ended sessions, in the order they ended. Appending and removing take the same time however long it is:
/// it grows by blocks, and none is ever copied.
struct EndedQueue {
    struct Entry {
        var id: SessionID
        /// When it has been kept long enough, on the store's clock.
        var until: UInt64
        var bytes: Int
    }

    private static let blockSize = 1_024

    /// Never an empty block but the last.
    private var blocks: [[Entry]] = []
    private var firstBlock = 0
    private var firstEntry = 0

    private(set) var count = 0
    /// Of all entries together.
    private(set) var bytes = 0

    /// The one that ended first.
    var first: Entry? { count > 0 ? blocks[firstBlock][firstEntry] : nil }

    mutating func append(_ entry: Entry) {
        if blocks.last.map({ $0.count == EndedQueue.blockSize }) ?? true {
            var block: [Entry] = []
            block.reserveCapacity(EndedQueue.blockSize)
            blocks.append(block)
        }
        blocks[blocks.count - 1].append(entry)
        count += 1
        bytes += entry.bytes
    }

    mutating func removeFirst() -> Entry? {
        guard let entry = first else { return nil }
        count -= 1
        bytes -= entry.bytes
        firstEntry += 1
        if firstEntry == EndedQueue.blockSize {
            blocks[firstBlock] = []
            firstBlock += 1
            firstEntry = 0
            // The list of blocks is short; what was taken is let go in batches.
            if firstBlock * 2 > blocks.count {
                blocks.removeFirst(firstBlock)
                firstBlock = 0
            }
        }
        return entry
    }
}
