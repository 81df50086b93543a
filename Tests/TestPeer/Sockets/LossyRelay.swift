import Dispatch
import Synchronization

/// A bad network between two UDP sockets on this machine: some datagrams are lost, come twice, or come late, behind those sent
/// after them.
///
/// Each side reaches the other by an image of it: the same port on another loopback address. Who is told to advertise the
/// host of its image keeps getting what is sent to it through the relay.
package final class LossyRelay: Sendable {
    /// How bad the network is.
    package struct Faults: Sendable {
        /// The share of datagrams that something happens to, each way; lost, repeated and late are equally frequent.
        package var share: Double
        /// How long a late datagram is held back, and after what time a repeated one comes again, in milliseconds.
        package var delay: ClosedRange<Int>

        package init(share: Double, delay: ClosedRange<Int>) { (self.share, self.delay) = (share, delay) }
    }

    /// What has become of the datagrams of one way.
    package struct Counts: Equatable, Sendable {
        package var all = 0
        package var lost = 0
        package var repeated = 0
        package var late = 0

        package init(all: Int = 0) { self.all = all }
    }

    private enum Fate { case passes, lost, repeated(Int), late(Int) }

    private struct Way {
        var random: SplitMix
        var counts = Counts()
    }

    private let faults: Faults
    private let images: (first: UDPSocket, second: UDPSocket)
    private let wayToFirst: Mutex<Way>
    private let wayToSecond: Mutex<Way>
    private let clock = DispatchQueue(label: "lossy relay")

    /// Joins two sockets of 127.0.0.1; equal seeds give each way's datagrams equal fates, in the order in which they come.
    package init(
        between first: SocketAddress, imagedAt firstHost: String, and second: SocketAddress,
        imagedAt secondHost: String, faults: Faults, seed: UInt64
    ) throws {
        self.faults = faults
        images = (
            try UDPSocket(host: firstHost, port: first.port), try UDPSocket(host: secondHost, port: second.port)
        )
        wayToFirst = Mutex(Way(random: SplitMix(seed: seed)))
        wayToSecond = Mutex(Way(random: SplitMix(seed: seed ^ 1)))
        // What is sent to the image of one side comes from the other one, and is passed on from the image of that.
        images.first.start { [weak self] datagram, _ in
            guard let self else { return }
            pass(datagram, to: first, from: images.second, fate: fate(wayToFirst))
        }
        images.second.start { [weak self] datagram, _ in
            guard let self else { return }
            pass(datagram, to: second, from: images.first, fate: fate(wayToSecond))
        }
    }

    package var toFirst: Counts { wayToFirst.withLock { $0.counts } }
    package var toSecond: Counts { wayToSecond.withLock { $0.counts } }

    private func fate(_ way: borrowing Mutex<Way>) -> Fate {
        way.withLock { way in
            way.counts.all += 1
            guard way.random.chance(faults.share) else { return .passes }
            let delay = Int.random(in: faults.delay, using: &way.random)
            switch Int.random(in: 0..<3, using: &way.random) {
            case 0:
                way.counts.lost += 1
                return .lost
            case 1:
                way.counts.repeated += 1
                return .repeated(delay)
            default:
                way.counts.late += 1
                return .late(delay)
            }
        }
    }

    private func pass(_ datagram: [UInt8], to side: SocketAddress, from image: UDPSocket, fate: Fate) {
        switch fate {
        case .passes: image.send(datagram, to: side)
        case .lost: break
        case .repeated(let delay):
            image.send(datagram, to: side)
            later(delay) { image.send(datagram, to: side) }
        case .late(let delay): later(delay) { image.send(datagram, to: side) }
        }
    }

    private func later(_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        clock.asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: body)
    }
}
