import Testing

@testable import SIPBridge

@Suite("Which trunk a source is")
struct SourceTableTests {
    private func table(_ networks: [[String]]) -> SourceTable {
        SourceTable(networks.map { .sample(inbound: $0.compactMap { IPNetwork($0) }) })
    }

    @Test func theMostSpecificNetworkWins() {
        let table = table([["192.0.2.0/24", "2001:db8::/32"], ["192.0.2.7", "2001:db8:1::/48"], ["192.0.2.0/28"]])
        #expect(table.trunk(of: "192.0.2.7") == 1)
        #expect(table.trunk(of: "::ffff:192.0.2.7") == 1)
        #expect(table.trunk(of: "192.0.2.8") == 2)
        #expect(table.trunk(of: "192.0.2.200") == 0)
        #expect(table.trunk(of: "2001:db8:1::5") == 1)
        #expect(table.trunk(of: "2001:db8:2::5") == 0)
    }

    @Test func amongEqualsTheFirstWins() {
        let table = table([["198.51.100.0/24"], ["192.0.2.0/24"], ["192.0.2.0/24"]])
        #expect(table.trunk(of: "192.0.2.1") == 1)
    }

    @Test(arguments: ["203.0.113.1", "", "host.example", "192.0.2"])
    func strangers(address: String) {
        #expect(table([["192.0.2.0/24"]]).trunk(of: address) == nil)
    }
}
