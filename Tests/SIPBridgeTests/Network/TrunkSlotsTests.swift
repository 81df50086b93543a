import Testing

@testable import SIPBridge

@Suite("Places of trunks over reloads")
struct TrunkSlotsTests {
    private func trunk(_ name: String, _ port: UInt16 = 5060) -> Trunk {
        Trunk(name: name, peer: SIPAddress(transport: .udp, host: "192.0.2.1", port: port), domain: "ims.example")
    }

    private func names(_ slots: TrunkSlots) -> [String] { slots.current.map { slots.trunks[$0].name } }

    @Test func whatStaysKeepsItsPlaceInAnyOrder() {
        var slots = TrunkSlots([trunk("a"), trunk("b"), trunk("c")])
        #expect(slots.replace(with: [trunk("c"), trunk("a")], isNamed: { _ in true }) == [])
        #expect(slots.current == [2, 0])
        #expect(slots.hasRetired)
        #expect(slots.trunks[1] == trunk("b"))
    }

    @Test func whatChangesGetsAnotherPlaceAsLongAsCallsNameTheOld() {
        var slots = TrunkSlots([trunk("a"), trunk("b")])
        #expect(slots.replace(with: [trunk("a", 5070), trunk("b")], isNamed: { $0 == 0 }) == [2])
        #expect(slots.current == [2, 1])
        #expect(slots.trunks[0] == trunk("a"))
        #expect(slots.trunks[2] == trunk("a", 5070))
    }

    @Test func aPlaceThatNoCallNamesIsUsedAgain() {
        var slots = TrunkSlots([trunk("a")])
        for port in UInt16(5061)..<5161 {
            let given = slots.replace(with: [trunk("a", port)], isNamed: { _ in false })
            #expect(given.count == 1)
            #expect(slots.trunks[given[0]] == trunk("a", port))
            #expect(slots.trunks.count <= 2)
        }
    }

    @Test func theOldTrunkComesBackToItsPlace() {
        var slots = TrunkSlots([trunk("a"), trunk("b")])
        _ = slots.replace(with: [trunk("b")], isNamed: { _ in true })
        #expect(slots.replace(with: [trunk("b"), trunk("a")], isNamed: { _ in true }) == [])
        #expect(slots.current == [1, 0])
        #expect(!slots.hasRetired)
    }

    @Test func aPlaceThatComesBackIsGivenToNobodyElse() {
        var slots = TrunkSlots([trunk("a"), trunk("b")])
        _ = slots.replace(with: [trunk("b")], isNamed: { _ in false })
        #expect(slots.replace(with: [trunk("new"), trunk("a"), trunk("b")], isNamed: { _ in false }) == [2])
        #expect(slots.current == [2, 0, 1])
        #expect(names(slots) == ["new", "a", "b"])
    }

    @Test func routesAndSourcesNameThePlaces() {
        let routes = RouteTable([.init(prefix: "+", trunks: [1, 0])]).mapped(to: [4, 7])
        #expect(routes.trunks(for: .anonymous) == [])
        #expect(routes.trunks(for: .uri(user: "+x", host: "h")) == [7, 4])
        var trunks = [trunk("a"), trunk("b"), trunk("c")]
        for index in trunks.indices { trunks[index].inbound = [IPNetwork("192.0.2.0/24")].compactMap(\.self) }
        #expect(SourceTable(trunks, order: [2, 1]).trunk(of: "192.0.2.9") == 2)
    }
}
