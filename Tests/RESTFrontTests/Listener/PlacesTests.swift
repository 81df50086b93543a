import Foundation
import Testing

@testable import RESTFront

/// How many connections one source may have.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct PlacesTests {
    @Test("One source takes the places of one source, and gives them back")
    func placesOfOneSource() async throws {
        try await withServer(configure: {
            $0.limits.connectionsOfOneSource = 2
            $0.limits.boundsLoopback = true
            $0.limits.request = .seconds(600)
        }) { address, _ in
            var silent = try (0..<2).map { _ in try RawClient(address) }
            let third = try RawClient(address)
            #expect(third.isClosedByPeer())
            #expect(try RawClient(address, from: 2).exchange("GET", "/x").status == 404)
            for client in silent { #expect(try client.exchange("GET", "/x").status == 404) }
            silent = []
            var isServed = false
            let deadline = ContinuousClock.now + .seconds(10)
            while !isServed, ContinuousClock.now < deadline {
                isServed = (try? RawClient(address).exchange("GET", "/x").status) == 404
                if !isServed { usleep(2_000) }
            }
            #expect(isServed)
        }
    }

    @Test("A proxy on this machine has no such bound")
    func placesOfThisMachine() async throws {
        try await withServer(configure: { $0.limits.connectionsOfOneSource = 2 }) { address, _ in
            let clients = try (0..<4).map { _ in try RawClient(address) }
            for client in clients { #expect(try client.exchange("GET", "/x").status == 404) }
        }
    }
}
