import Testing

@testable import TestPeer

@Suite struct MailboxTests {
    @Test func aWaiterTakesWhatItWantsAndLeavesTheRest() async {
        let mailbox = Mailbox<Int>()
        async let even = mailbox.next { $0.isMultiple(of: 2) }
        for value in [1, 3, 4, 6] { mailbox.put(value) }
        let first = await even
        // Four and six may both have come before the waiter; it takes the first.
        #expect(first == 4)
        #expect(mailbox.values == [1, 3, 6])
        #expect(await mailbox.next() == 1)
    }

    @Test func patienceEndsAndSoDoesACancelledTask() async {
        let mailbox = Mailbox<Int>()
        #expect(await mailbox.next(within: .milliseconds(1)) == nil)
        let task = Task { await mailbox.next(within: .seconds(3600)) }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func nothingIsLostBetweenManyThreads() async {
        let mailbox = Mailbox<Int>()
        let sum = await withTaskGroup(of: Int.self) { group in
            for value in 1...500 {
                group.addTask { await mailbox.next() ?? 0 }
                group.addTask {
                    mailbox.put(value)
                    return 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 500 * 501 / 2)
    }
}
