import Synchronization
import TestPeer
import Testing

/// The bad network of the tests is as bad as it says, and the same again for the same seed.
@Suite struct LossyRelayTests {
    private struct Outcome: Equatable {
        var counts = LossyRelay.Counts()
        var received: [Int] = []
    }

    /// Sends `count` datagrams from the second side to the first; returns what became of them once all that will come have.
    private func run(share: Double, seed: UInt64, count: Int = 1_000) async throws -> Outcome {
        let (first, second) = (try UDPSocket(), try UDPSocket())
        let relay = try LossyRelay(
            between: first.address, imagedAt: "127.0.0.2", and: second.address, imagedAt: "127.0.0.3",
            faults: .init(share: share, delay: 1...3), seed: seed)
        let received = Mutex<[Int]>([])
        let arrivals = Mailbox<SocketAddress>()
        first.start { datagram, source in
            received.withLock { $0.append(Int(String(decoding: datagram, as: UTF8.self)) ?? -1) }
            arrivals.put(source)
        }
        for number in 0..<count {
            second.send(Array("\(number)".utf8), to: SocketAddress(host: "127.0.0.2", port: first.address.port))
        }
        // They come from the second side's image.
        let source = try #require(await arrivals.next())
        #expect(source == SocketAddress(host: "127.0.0.3", port: second.address.port))
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            let counts = relay.toFirst
            let due = counts.all - counts.lost + counts.repeated
            if counts.all == count, received.withLock({ $0.count }) == due { break }
            _ = await arrivals.next(within: .milliseconds(50))
        }
        #expect(relay.toSecond == LossyRelay.Counts())
        return Outcome(counts: relay.toFirst, received: received.withLock { $0 })
    }

    @Test("Nothing happens without faults")
    func good() async throws {
        let outcome = try await run(share: 0, seed: 1)
        #expect(outcome.received == Array(0..<1_000))
        #expect(outcome.counts == LossyRelay.Counts(all: 1_000))
    }

    @Test("Lost, repeated and late, each a third of the share; equal for equal seeds")
    func bad() async throws {
        let outcome = try await run(share: 0.3, seed: 7)
        let counts = outcome.counts
        for part in [counts.lost, counts.repeated, counts.late] { #expect((70...130).contains(part), "\(counts)") }
        #expect(outcome.received.count == 1_000 - counts.lost + counts.repeated)
        #expect(Set(outcome.received).count == 1_000 - counts.lost)
        #expect(outcome.received != outcome.received.sorted(), "none has overtaken another")
        #expect(try await run(share: 0.3, seed: 7).counts == counts)
        #expect(try await run(share: 0.3, seed: 8).counts != counts)
    }
}
