import Testing

@testable import Resolver
@testable import SIPBridge

/// RFC 3263 §4 as a table: what a name's records lead to, and what is asked for it.
@Suite struct NameResolutionTests {
    private typealias Question = NameResolution.Question
    private typealias Way = NameResolution.Way

    private static let udp4 = Way(transport: .udp, isV6: false)
    private static let tcp4 = Way(transport: .tcp, isV6: false)
    private static let udp6 = Way(transport: .udp, isV6: true)

    /// Records by `TYPE name`; what is not there does not exist.
    private struct Zone {
        var records: [String: [DNSRecord]] = [:]
        var failing: [String: ResolverError] = [:]

        static func key(_ question: Question) -> String { "\(question.type) \(question.name)" }

        func answer(_ question: Question) -> NameResolution.Answer {
            if let error = failing[Zone.key(question)] { return .failure(error) }
            guard let found = records[Zone.key(question)] else { return .failure(.noSuchName) }
            return found.isEmpty ? .failure(.noSuchRecord) : .success(found)
        }

        mutating func a(_ name: String, _ last: UInt8..., life: UInt32 = 300) {
            records["a \(name)"] = last.map { DNSRecord(content: .a([192, 0, 2, $0]), timeToLive: life) }
        }

        mutating func aaaa(_ name: String, _ last: UInt8) {
            let bytes: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]
            records["aaaa \(name)"] = [DNSRecord(content: .aaaa(bytes), timeToLive: 300)]
        }

        mutating func srv(
            _ name: String, _ servers: [(priority: UInt16, weight: UInt16, port: UInt16, target: String)],
            life: UInt32 = 300
        ) {
            records["srv \(name)"] = servers.map {
                DNSRecord(
                    content: .srv(.init(priority: $0.priority, weight: $0.weight, port: $0.port, target: $0.target)),
                    timeToLive: life)
            }
        }

        mutating func naptr(
            _ name: String, _ rules: [(order: UInt16, preference: UInt16, flags: String, service: String, to: String)]
        ) {
            records["naptr \(name)"] = rules.map {
                DNSRecord(
                    content: .naptr(
                        .init(
                            order: $0.order, preference: $0.preference, flags: $0.flags, service: $0.service,
                            expression: "", replacement: $0.to)), timeToLive: 300)
            }
        }
    }

    private struct Outcome {
        var progress: NameResolution.Progress
        var asked: [String]

        /// `udp:192.0.2.1:5060 priority/weight`, in order.
        var found: [String] {
            guard case .found(let found, _, _) = progress else { return ["\(progress)"] }
            return found.map {
                "\($0.address.transport.rawValue):\($0.address.host):\($0.address.port) \($0.priority)/\($0.weight)"
            }
        }
    }

    private func resolve(_ peer: TrunkPeer, _ zone: Zone, ways: [Way] = [udp4, tcp4]) -> Outcome {
        var resolution = NameResolution(peer, ways: ways)
        var asked: [String] = []
        for _ in 0..<20 {
            guard case .needs(let questions) = resolution.progress else { break }
            for question in questions {
                asked.append(Zone.key(question))
                resolution.answered(question, zone.answer(question))
            }
        }
        return Outcome(progress: resolution.progress, asked: asked)
    }

    @Test func aPortMeansNoSRV() {
        var zone = Zone()
        zone.a("core.example", 1)
        zone.srv("_sip._udp.core.example", [(0, 0, 9, "trap.example")])
        let outcome = resolve(TrunkPeer(host: "core.example", port: 5070), zone)
        #expect(outcome.found == ["udp:192.0.2.1:5070 0/1"])
        #expect(outcome.asked == ["a core.example"])
        #expect(
            resolve(TrunkPeer(host: "core.example", port: 5070, transport: .tcp), zone).found
                == ["tcp:192.0.2.1:5070 0/1"])
    }

    @Test func aTransportMeansItsSRVRecords() {
        var zone = Zone()
        zone.srv("_sip._tcp.core.example", [(2, 5, 5080, "b.example"), (1, 60, 5070, "a.example")])
        zone.a("a.example", 1)
        zone.a("b.example", 2)
        let outcome = resolve(TrunkPeer(host: "core.example", transport: .tcp), zone)
        #expect(outcome.found == ["tcp:192.0.2.1:5070 2/60", "tcp:192.0.2.2:5080 4/5"])
        #expect(outcome.asked == ["srv _sip._tcp.core.example", "a a.example", "a b.example"])
    }

    @Test func withoutSRVTheHostItself() {
        var zone = Zone()
        zone.a("core.example", 1, 2)
        let outcome = resolve(TrunkPeer(host: "core.example", transport: .tcp), zone)
        #expect(outcome.found == ["tcp:192.0.2.1:5060 0/1", "tcp:192.0.2.2:5060 0/1"])
    }

    @Test func aBareNameBeginsWithNAPTR() {
        var zone = Zone()
        zone.naptr(
            "core.example",
            [
                (10, 50, "s", "SIPS+D2T", "_sips._tcp.core.example"),
                (20, 10, "S", "sip+d2t", "_sip._tcp.core.example"),
                (20, 50, "s", "SIP+D2U", "_sip._udp.core.example"), (5, 1, "u", "E2U+sip", ""),
            ])
        zone.srv("_sip._tcp.core.example", [(1, 1, 5062, "a.example")])
        zone.srv("_sip._udp.core.example", [(1, 1, 5063, "a.example")])
        zone.a("a.example", 7)
        let outcome = resolve(TrunkPeer(host: "core.example"), zone)
        #expect(outcome.found == ["tcp:192.0.2.7:5062 2/1"])
        #expect(outcome.asked == ["naptr core.example", "srv _sip._tcp.core.example", "a a.example"])
        #expect(resolve(TrunkPeer(host: "core.example"), zone, ways: [Self.udp4]).found == ["udp:192.0.2.7:5063 2/1"])
    }

    @Test func aRuleWithoutServersMakesWayForTheNext() {
        var zone = Zone()
        zone.naptr(
            "core.example",
            [(1, 1, "s", "SIP+D2T", "_sip._tcp.gone.example"), (2, 1, "a", "SIP+D2U", "edge.example")])
        zone.a("edge.example", 9)
        #expect(resolve(TrunkPeer(host: "core.example"), zone).found == ["udp:192.0.2.9:5060 0/1"])
    }

    @Test func withoutNAPTROurOwnPreference() {
        var zone = Zone()
        zone.srv("_sip._tcp.core.example", [(1, 1, 5062, "a.example")])
        zone.a("a.example", 7)
        #expect(resolve(TrunkPeer(host: "core.example"), zone).found == ["tcp:192.0.2.7:5062 2/1"])
        zone.srv("_sip._udp.core.example", [(1, 1, 5061, "a.example")])
        #expect(resolve(TrunkPeer(host: "core.example"), zone).found == ["udp:192.0.2.7:5061 2/1"])
        #expect(
            resolve(TrunkPeer(host: "core.example"), zone, ways: [Self.tcp4, Self.udp4]).found
                == ["tcp:192.0.2.7:5062 2/1"])
    }

    @Test func withNothingElseUDPToTheHost() {
        var zone = Zone()
        zone.a("core.example", 3)
        let outcome = resolve(TrunkPeer(host: "core.example"), zone)
        #expect(outcome.found == ["udp:192.0.2.3:5060 0/1"])
        #expect(
            outcome.asked == [
                "naptr core.example", "srv _sip._udp.core.example", "srv _sip._tcp.core.example", "a core.example",
            ])
    }

    @Test func bothVersionsOfIPWhereBothHaveListeners() {
        var zone = Zone()
        zone.srv("_sip._udp.core.example", [(1, 10, 5060, "a.example"), (2, 10, 5060, "b.example")])
        zone.a("a.example", 1)
        zone.aaaa("a.example", 1)
        zone.a("b.example", 2)
        zone.aaaa("b.example", 2)
        let peer = TrunkPeer(host: "core.example", transport: .udp)
        #expect(
            resolve(peer, zone, ways: [Self.udp4, Self.udp6]).found == [
                "udp:192.0.2.1:5060 2/10", "udp:2001:db8::1:5060 3/10", "udp:192.0.2.2:5060 4/10",
                "udp:2001:db8::2:5060 5/10",
            ])
        #expect(
            resolve(peer, zone, ways: [Self.udp6]).found == ["udp:2001:db8::1:5060 2/10", "udp:2001:db8::2:5060 4/10"])
    }

    @Test func aServersAddressesShareItsWeight() {
        var zone = Zone()
        zone.srv(
            "_sip._udp.core.example",
            [(1, 30, 5060, "a.example"), (1, 1, 5060, "b.example"), (1, 0, 5060, "c.example")])
        zone.a("a.example", 1, 2, 3)
        zone.a("b.example", 4, 5)
        zone.a("c.example", 6, 7)
        #expect(
            resolve(TrunkPeer(host: "core.example", transport: .udp), zone).found == [
                "udp:192.0.2.1:5060 2/10", "udp:192.0.2.2:5060 2/10", "udp:192.0.2.3:5060 2/10",
                "udp:192.0.2.4:5060 2/1",
                "udp:192.0.2.5:5060 2/1", "udp:192.0.2.6:5060 2/0", "udp:192.0.2.7:5060 2/0",
            ])
    }

    // MARK: - Nothing, and half of it

    @Test func aTargetOfADotIsNoService() {
        var zone = Zone()
        zone.srv("_sip._udp.core.example", [(0, 0, 0, "")])
        zone.a("core.example", 1)
        #expect(resolve(TrunkPeer(host: "core.example", transport: .udp), zone).progress == .failed(.noService))
        zone.srv("_sip._tcp.core.example", [(0, 1, 5060, "core.example")])
        #expect(resolve(TrunkPeer(host: "core.example"), zone).found == ["tcp:192.0.2.1:5060 0/1"])
    }

    @Test func aNameThatDoesNotExist() {
        #expect(resolve(TrunkPeer(host: "core.example"), Zone()).progress == .failed(.lookUp(.noSuchRecord)))
    }

    @Test func silentServersAreTold() {
        var zone = Zone()
        zone.failing["a core.example"] = .timeout
        #expect(resolve(TrunkPeer(host: "core.example", port: 1), zone).progress == .failed(.lookUp(.timeout)))
    }

    @Test func noListenerForWhatItLeadsTo() {
        let peer = TrunkPeer(host: "core.example", transport: .tcp)
        #expect(resolve(peer, Zone(), ways: [Self.udp4]).progress == .failed(.noWay))
    }

    @Test(arguments: ["naptr core.example", "srv _sip._udp.core.example", "a b.example"])
    func halfAnAnswerIsMarked(failing: String) {
        var zone = Zone()
        zone.srv("_sip._tcp.core.example", [(1, 1, 5062, "a.example"), (2, 1, 5062, "b.example")])
        zone.a("a.example", 7)
        zone.a("b.example", 8)
        zone.failing[failing] = .serverFailure
        guard case .found(let found, _, let isWhole) = resolve(TrunkPeer(host: "core.example"), zone).progress else {
            Issue.record("nothing found")
            return
        }
        #expect(!found.isEmpty && !isWhole)
    }

    @Test func theShortestLifeCounts() {
        var zone = Zone()
        zone.srv("_sip._udp.core.example", [(1, 1, 5060, "a.example"), (1, 1, 5060, "b.example")], life: 120)
        zone.a("a.example", 1, life: 60)
        zone.a("b.example", 2, life: 7)
        guard
            case .found(_, let life, true) = resolve(TrunkPeer(host: "core.example", transport: .udp), zone).progress
        else {
            Issue.record("nothing found")
            return
        }
        #expect(life == 7)
    }

    @Test func manyRecordsAreBounded() {
        var zone = Zone()
        zone.srv("_sip._udp.core.example", (0..<200).map { (UInt16($0), 1, 5060, "s\($0).example") })
        for index in 0..<200 { zone.a("s\(index).example", UInt8(index)) }
        let outcome = resolve(TrunkPeer(host: "core.example", transport: .udp), zone)
        #expect(outcome.found.count == 16 && outcome.asked.count == 17)
    }
}

/// When names are looked up again.
@Suite struct WatchedNameTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(
        arguments: [(100, 70.0...80), (0, 0.7...0.8), (1, 0.7...0.8), (1_000_000, 2_520...2_880)]
            as [(UInt32, ClosedRange<Double>)])
    func answersAreRenewedBeforeTheyRunOut(life: UInt32, seconds: ClosedRange<Double>) {
        var random = SeededRandom(state: 6)
        for _ in 0..<50 {
            var name = WatchedName(trunk: 0, hop: 0, now: 0)
            name.begin(TrunkPeer(host: "core.example"), ways: [])
            #expect(name.due == .max)
            name.succeeded(life: life, now: 0, using: &random)
            #expect(seconds.contains(Double(name.due) / Double(Self.second)))
        }
    }

    @Test func failuresAreTriedAgainMoreAndMoreSeldom() {
        var random = SeededRandom(state: 7)
        var name = WatchedName(trunk: 0, hop: 0, now: 0)
        var pauses: [Double] = []
        var now: UInt64 = 0
        for round in 0..<8 {
            let isFirst = name.failed(now: now, using: &random)
            #expect(isFirst == (round == 0), "told once")
            pauses.append(Double(name.due - now) / Double(Self.second))
            now = name.due
        }
        for (pause, expected) in zip(pauses, [1.0, 2, 4, 8, 16, 30, 30, 30]) {
            #expect((expected * 0.9...expected).contains(pause), "\(pauses)")
        }
        name.succeeded(life: 60, now: now, using: &random)
        #expect(name.failed(now: now, using: &random))
    }

    @Test func answersToAnEarlierLookUpAreOfNoUse() {
        var name = WatchedName(trunk: 0, hop: 0, now: 0)
        let peer = TrunkPeer(host: "core.example", port: 5060)
        let ways = [NameResolution.Way(transport: .udp, isV6: false)]
        name.begin(peer, ways: ways)
        let asked = name.questions()
        #expect(asked?.count == 1 && name.questions() == [])
        name.begin(peer, ways: ways)
        #expect(name.questions() == asked)
        if let question = asked?.first {
            name.answered(question, .success([DNSRecord(content: .a([192, 0, 2, 1]), timeToLive: 1)]), round: 1)
            #expect(name.questions() == [])
            name.answered(question, .success([DNSRecord(content: .a([192, 0, 2, 1]), timeToLive: 1)]), round: 2)
            #expect(name.questions() == nil)
        }
    }
}
