import Foundation
import Testing

@testable import Configuration

/// The examples of docs/trunks.md are configurations as they stand.
@Suite struct TrunksDocumentTests {
    private static func examples() throws -> [String] {
        let page = try Folders.text(Folders.repository, "docs/trunks.md")
        return page.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
    }

    @Test func severalPeersAndTrunks() throws {
        let configuration = try Configuration(text: try #require(try Self.examples().first))
        let core = try #require(configuration.trunks.first)
        #expect(core.peers.map(\.priority) == [1, 1, 2] && core.peers.map(\.weight) == [75, 25, 100])
        #expect(core.failover.noResponse == .seconds(2) && core.failover.cooldown == .seconds(30))
        #expect(core.health == Configuration.PeerHealth(interval: .seconds(30), timeout: .seconds(4), down: 3, up: 1))
        #expect(core.limits == Configuration.TrunkLimits(calls: 2_000, callsPerSecond: 100))
        #expect(core.inboundNetworks.map(\.description) == ["192.0.2.20/32", "192.0.2.21/32", "192.0.2.30/32"])
        #expect(configuration.routes.map(\.trunks) == [["core", "carrier"], ["carrier"]])
    }

    @Test func names() throws {
        let examples = try Self.examples()
        try #require(examples.count == 2)
        let configuration = try Configuration(text: examples[1])
        let peers = try #require(configuration.trunks.first).peers.map(\.uri)
        #expect(peers.map(\.port) == [nil, 5080] && peers.map(\.transport) == [nil, .tcp])
        #expect(configuration.trunks[0].inboundNetworks.isEmpty && configuration.trunks[0].inboundIncludesPeers)
    }
}
