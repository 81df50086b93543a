import Testing

@testable import Store

@Suite struct ChangeLogTests {
    private typealias Log = ChangeLog<String, Int>

    @Test func keepsTheNewestValueOfEachKey() {
        var log = Log()
        log.record("a", 1)
        log.record("b", 1)
        log.record("a", 2)
        let batch = log.takeBatch()
        #expect(batch.mapValues(\.row) == ["a": 2, "b": 1])
        #expect(batch["a"]?.revision == 3)
        log.batchSucceeded()
        #expect(log.isClean)
        #expect(log.durableRevision == 3)
    }

    @Test func countsEachKeyOnce() {
        var log = Log()
        log.record("a", 1)
        log.record("b", 1)
        _ = log.takeBatch()
        #expect(log.unwritten == 2)
        // Written and changed again at the same time.
        log.record("a", 2)
        #expect(log.unwritten == 2)
        log.batchSucceeded()
        #expect(log.unwritten == 1)
        _ = log.takeBatch()
        log.batchSucceeded()
        #expect(log.unwritten == 0)
    }

    @Test func forgetsWhatCameAndWentUnwritten() {
        var log = Log()
        log.record("a", 1)
        log.record("a", nil)
        #expect(log.isClean)
    }

    @Test func removesWhatIsStored() {
        var log = Log(stored: ["a"])
        log.record("a", nil)
        #expect(log.takeBatch().mapValues(\.row) == ["a": nil])
        log.batchSucceeded()
        log.record("a", nil)
        #expect(log.isClean)
    }

    @Test func removesWhatIsOnItsWay() {
        var log = Log()
        log.record("a", 1)
        _ = log.takeBatch()
        log.record("a", nil)
        log.batchSucceeded()
        #expect(log.pending.mapValues(\.row) == ["a": nil])
        // On disk, its removal pending: a new value and a second removal must still remove it.
        log.record("a", 2)
        log.record("a", nil)
        #expect(log.pending.mapValues(\.row) == ["a": nil])
    }

    @Test func aFailedBatchIsPendingAgain() {
        var log = Log(stored: ["old"])
        log.record("a", 1)
        log.record("b", 1)
        log.record("c", 1)
        log.record("old", nil)
        _ = log.takeBatch()
        log.record("b", 2)
        log.record("c", nil)
        log.batchFailed()
        #expect(log.pending.mapValues(\.row) == ["a": 1, "b": 2, "old": nil])
        #expect(log.durableRevision == 0)
        _ = log.takeBatch()
        log.batchSucceeded()
        #expect(log.durableRevision == 6)
    }

    @Test func durabilityReachesOnlyAsFarAsTheBatch() {
        var log = Log()
        log.record("a", 1)
        _ = log.takeBatch()
        log.record("b", 1)
        log.batchSucceeded()
        #expect(log.durableRevision == 1)
    }

    /// Random changes, batches and failures: the disk always ends where memory is, and no removal is written for what
    /// was never there.
    @Test(arguments: 1...40) func theDiskFollowsMemory(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var memory = ["x": 0, "y": 0]
        var disk = memory
        var log = Log(stored: ["x", "y"])
        for step in 1...400 {
            let key = ["x", "y", "z", "u", "v"][Int.random(in: 0..<5, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                memory[key] = step
                log.record(key, step)
            case 4..<7:
                memory[key] = nil
                log.record(key, nil)
            case 7 where log.inFlight.isEmpty:
                _ = log.takeBatch()
            case 8:
                for (key, change) in log.inFlight {
                    #expect(change.row != nil || disk[key] != nil, "removes what is not there")
                    disk[key] = change.row
                }
                log.batchSucceeded()
            default:
                log.batchFailed()
            }
        }
        log.batchFailed()
        for (key, change) in log.takeBatch() { disk[key] = change.row }
        log.batchSucceeded()
        #expect(disk == memory)
        #expect(log.isClean)
    }
}
