import CallCore
import Testing

@testable import SIPBridge

/// Where a call may go: trunks in the order of the route, their peers by priority and weight, whatever is left alone last.
@Suite struct PeerBookTests {
    private static let second: UInt64 = 1_000_000_000

    private static func peer(_ last: Int, priority: UInt16 = 1, weight: UInt16 = 100) -> TrunkPeer {
        TrunkPeer(host: "192.0.2.\(last)", port: 5060, transport: .udp, priority: priority, weight: weight)
    }

    private static func trunk(_ name: String, _ peers: [TrunkPeer], _ change: (inout Trunk) -> Void = { _ in }) -> Trunk
    {
        var trunk = Trunk(name: name, peers: peers, domain: "\(name).example")
        change(&trunk)
        return trunk
    }

    /// What a call would be sent to: `trunk.peer`, in order; or why nowhere.
    private func ways(
        _ book: PeerBook, _ route: [Int], at time: UInt64 = 0, isExempt: Bool = false, live: [Int: Int] = [:],
        seed: UInt64 = 1
    ) -> [String] {
        var random = SeededRandom(state: seed)
        do throws(PeerBook.NoWay) {
            return try book.choices(
                of: route, isExempt: isExempt, live: { live[$0] ?? 0 }, at: time * Self.second, using: &random
            ).map { "\($0.trunk).\($0.peer)" }
        } catch {
            return ["\(error)"]
        }
    }

    private func fail(_ book: inout PeerBook, _ trunk: Int, _ peer: Int, at time: UInt64 = 0) {
        _ = book.trunks[trunk].record(.silent, of: peer, at: time * Self.second)
    }

    private func takeDown(_ book: inout PeerBook, _ trunk: Int, _ peer: Int) {
        var random = SeededRandom(state: 3)
        let isBegun = book.trunks[trunk].probe(peer) { health, rules in
            health.begin(at: 0, rules, using: &random)
            for _ in 0..<20 { _ = health.advance(to: health.due, rules, using: &random) }
            return health.state == .down
        }
        #expect(isBegun)
    }

    private static func probed(_ trunk: inout Trunk) {
        trunk.probe(every: .seconds(10), timeout: .seconds(1), down: 2, up: 1)
    }

    @Test func oneTrunkOfOnePeer() {
        let book = PeerBook([Self.trunk("a", [Self.peer(1)])])
        #expect(ways(book, [0]) == ["0.0"])
    }

    /// Every call of such a trunk shares one list.
    @Test func whereThereIsNothingToChooseNothingIsMade() throws {
        let book = PeerBook([Self.trunk("a", [Self.peer(1)])])
        var random = SeededRandom(state: 1)
        let lists = try (0..<2).map { _ in
            try book.choices(of: [0], isExempt: false, live: { _ in 0 }, at: 0, using: &random)
        }
        let places = lists.map { list in list.withUnsafeBufferPointer { $0.baseAddress } }
        #expect(places[0] == places[1])
        #expect(random.state == 1, "nothing is drawn")
    }

    @Test func peersByPriorityThenTrunksInTheRoutesOrder() {
        let book = PeerBook([
            Self.trunk("a", [Self.peer(1, priority: 3), Self.peer(2, priority: 1), Self.peer(3, priority: 2)]),
            Self.trunk("b", [Self.peer(4)]),
        ])
        #expect(ways(book, [0, 1]) == ["0.1", "0.2", "0.0", "1.0"])
        #expect(ways(book, [1, 0]) == ["1.0", "0.1", "0.2", "0.0"])
    }

    @Test func equalsShareByTheirWeights() {
        let book = PeerBook([Self.trunk("a", [Self.peer(1, weight: 75), Self.peer(2, weight: 25)])])
        let first = (UInt64(0)..<4_000).count { ways(book, [0], seed: $0 &* 7_919)[0] == "0.0" }
        #expect(abs(Double(first) / 4_000 - 0.75) < 0.04, "\(first) of 4,000")
    }

    @Test func whatIsLeftAloneIsNotTriedWhileThereIsAnother() {
        var book = PeerBook([
            Self.trunk("a", [Self.peer(1, priority: 1), Self.peer(2, priority: 2)]), Self.trunk("b", [Self.peer(3)]),
        ])
        fail(&book, 0, 0)
        #expect(ways(book, [0, 1], at: 1) == ["0.1", "1.0"])
        fail(&book, 0, 1)
        #expect(ways(book, [0, 1], at: 1) == ["1.0"])
        #expect(ways(book, [0, 1], at: 30) == ["0.0", "0.1", "1.0"])
    }

    @Test func aloneIsTriedWhereNothingElseIsLeftTheLongestWaitingFirst() {
        var book = PeerBook([Self.trunk("a", [Self.peer(1)]), Self.trunk("b", [Self.peer(2)])])
        fail(&book, 1, 0, at: 0)
        fail(&book, 0, 0, at: 5)
        #expect(ways(book, [0, 1], at: 6) == ["1.0"])
        #expect(ways(book, [0], at: 6) == ["0.0"])
    }

    @Test func aWishIsRespectedEvenSo() {
        var book = PeerBook([Self.trunk("a", [Self.peer(1)])])
        _ = book.trunks[0].record(.unavailable(retryAfter: 20), of: 0, at: 0)
        #expect(ways(book, [0], at: 5) == ["unavailable(retryAfter: 16)"])
        #expect(ways(book, [0], at: 20) == ["0.0"])
    }

    @Test func noCallGoesToWhatIsDown() {
        var book = PeerBook([
            Self.trunk("a", [Self.peer(1), Self.peer(2, priority: 2)], Self.probed), Self.trunk("b", [Self.peer(3)]),
        ])
        takeDown(&book, 0, 0)
        #expect(ways(book, [0, 1]) == ["0.1", "1.0"] && book.trunks[0].isAlive)
        takeDown(&book, 0, 1)
        #expect(
            ways(book, [0, 1]) == ["1.0"] && !book.trunks[0].isAlive
                && book.isAlive)
        #expect(ways(book, [0]) == ["unavailable(retryAfter: 5)"])
    }

    @Test func onesThatComeUpAgainBeginAnew() {
        var book = PeerBook([Self.trunk("a", [Self.peer(1)], Self.probed)])
        fail(&book, 0, 0)
        takeDown(&book, 0, 0)
        var random = SeededRandom(state: 5)
        let change = book.trunks[0].probe(0) { health, rules in
            if !health.advance(to: health.due, rules, using: &random).sends {
                _ = health.advance(to: health.due, rules, using: &random)
            }
            return health.answered(status: 200, at: health.due, rules, using: &random)
        }
        #expect(change == .up)
        #expect(book.trunks[0].targets[0].standing.isUnblemished)
    }

    @Test func aFullTrunkIsPassedByAndThenTheCallIsRefused() {
        let book = PeerBook([
            Self.trunk("a", [Self.peer(1)]) { $0.maximumCalls = 10 },
            Self.trunk("b", [Self.peer(2)]) { $0.maximumCalls = 5 },
        ])
        #expect(ways(book, [0, 1], live: [0: 9, 1: 4]) == ["0.0", "1.0"])
        #expect(ways(book, [0, 1], live: [0: 10, 1: 4]) == ["1.0"])
        #expect(ways(book, [0, 1], live: [0: 10, 1: 5]) == ["full(retryAfter: 5)"])
        #expect(ways(book, [0, 1], isExempt: true, live: [0: 10, 1: 5]) == ["0.0", "1.0"])
    }

    @Test func callsASecondAreCounted() {
        var book = PeerBook([
            Self.trunk("a", [Self.peer(1)]) { $0.callsPerSecond = 2 }, Self.trunk("b", [Self.peer(2)]),
        ])
        for _ in 0..<2 {
            #expect(ways(book, [0, 1]) == ["0.0", "1.0"])
            book.trunks[0].take(at: 0)
        }
        #expect(ways(book, [0, 1]) == ["1.0"])
        #expect(ways(book, [0]) == ["full(retryAfter: 5)"])
        #expect(ways(book, [0], isExempt: true) == ["0.0"])
        #expect(ways(book, [0, 1], at: 1) == ["0.0", "1.0"])
    }

    @Test func manyPeersLeaveRoomForTheTrunksAfterThem() {
        let many = (1...16).map { Self.peer($0) }
        let book = PeerBook([
            Self.trunk("a", many), Self.trunk("b", many.suffix(2).map { $0 }), Self.trunk("c", [Self.peer(30)]),
        ])
        let found = ways(book, [0, 1, 2])
        #expect(found.count == OutboundCall.maximumAttempts)
        #expect(found.count { $0.hasPrefix("0.") } == OutboundCall.maximumAttempts - 2)
        #expect(found.last == "2.0")
    }

    @Test func anOutboundProxyIsWhereAllGoes() {
        var trunk = Self.trunk("a", [Self.peer(1), Self.peer(2)])
        trunk.proxy = Self.peer(9)
        let book = PeerBook([trunk])
        #expect(ways(book, [0]) == ["0.0"])
        #expect(book.trunks[0].targets.map(\.address.host) == ["192.0.2.9"])
    }

    @Test func redirectionsFindThePeer() {
        let book = PeerBook([
            Self.trunk("a", [Self.peer(1), TrunkPeer(host: "192.0.2.1", port: 5070, transport: .udp)])
        ])
        #expect(book.trunks[0].target(ofHost: "192.0.2.1", port: 5070, isSecure: false)?.index == 1)
        #expect(book.trunks[0].target(ofHost: "192.0.2.1", port: nil, isSecure: false)?.index == 0)
        #expect(book.trunks[0].target(ofHost: "192.0.2.1", port: 1, isSecure: false)?.isExact == false)
        #expect(book.trunks[0].target(ofHost: "192.0.2.8", port: 5060, isSecure: false) == nil)
    }

    /// RFC 3261 §26.2.2: a `sips:` URI is reached over TLS or not at all.
    @Test func redirectionsToSIPSLeadOverTLSAlone() {
        let secure = TrunkPeer(host: "192.0.2.1", port: 5061, transport: .tls)
        let book = PeerBook([Self.trunk("a", [Self.peer(1), secure]), Self.trunk("b", [Self.peer(2)])])
        #expect(book.trunks[0].target(ofHost: "192.0.2.1", port: nil, isSecure: true)?.index == 1)
        #expect(book.trunks[0].target(ofHost: "192.0.2.1", port: 5060, isSecure: true)?.index == 1)
        #expect(book.trunks[0].favourite(at: 0, isSecure: true) == 1)
        #expect(book.trunks[0].favourite(at: 0) == 0)
        #expect(book.trunks[1].target(ofHost: "192.0.2.2", port: nil, isSecure: true) == nil)
        #expect(book.trunks[1].favourite(at: 0, isSecure: true) == nil)
    }

    // MARK: - Names

    private static func found(_ last: Int, priority: Int = 0, weight: UInt16 = 0)
        -> (address: SIPAddress, priority: Int, weight: UInt16)
    {
        (SIPAddress(transport: .udp, host: "198.51.100.\(last)", port: 5060), priority, weight)
    }

    @Test func aNameLeadsNowhereUntilItIsLookedUp() {
        var book = PeerBook([Self.trunk("a", [TrunkPeer(host: "core.example")])])
        #expect(!book.isAlive)
        #expect(ways(book, [0]) == ["unavailable(retryAfter: 5)"])
        let change = book.trunks[0].resolve(0, to: [Self.found(1, priority: 2), Self.found(2, priority: 1)])
        #expect(change.new == [0, 1] && change.isChanged && book.isAlive)
        #expect(ways(book, [0]) == ["0.1", "0.0"])
    }

    @Test func addressesThatStayKeepTheirPlaceAndWhatIsKnownOfThem() {
        var book = PeerBook([Self.trunk("a", [TrunkPeer(host: "core.example")])])
        _ = book.trunks[0].resolve(0, to: [Self.found(1), Self.found(2)])
        fail(&book, 0, 1)
        let change = book.trunks[0].resolve(0, to: [Self.found(3, priority: 9), Self.found(2)])
        #expect(change.new == [2] && change.isChanged)
        #expect(ways(book, [0], at: 1) == ["0.2"])
        #expect(book.trunks[0].targets[0].isRetired, "calls that go on there find it in its place")
        #expect(book.trunks[0].resolve(0, to: [Self.found(2), Self.found(3, priority: 9)]).isChanged == false)
        #expect(book.trunks[0].resolve(0, to: [Self.found(1), Self.found(2)]).new == [0])
    }

    @Test func changingAddressesAreNotKeptForEver() {
        var book = PeerBook([Self.trunk("a", [TrunkPeer(host: "core.example")])])
        for round in 0..<1_000 {
            _ = book.trunks[0].resolve(
                0, to: [(SIPAddress(transport: .udp, host: "10.0.\(round / 250).\(round % 250)", port: 5060), 0, 0)])
        }
        #expect(book.trunks[0].targets.count < 100)
        #expect(book.trunks[0].targets.filter(\.isAlive).map(\.address.host) == ["10.0.3.249"])
    }
}

extension PeerBook {
    /// Whether any trunk has an address that may answer.
    fileprivate var isAlive: Bool { trunks.contains(where: \.isAlive) }
}
