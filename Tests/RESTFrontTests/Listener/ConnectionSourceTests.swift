import Testing

@testable import RESTFront

@Suite struct ConnectionSourceTests {
    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private static func v6(_ network: [UInt8], _ host: UInt8) -> [UInt8] {
        network + [UInt8](repeating: 0, count: 15 - network.count) + [host]
    }

    @Test func oneAddressOfIPv4AndOneNetworkOfIPv6() {
        #expect(ConnectionSource([192, 0, 2, 1]) != ConnectionSource([192, 0, 2, 2]))
        #expect(ConnectionSource([192, 0, 2, 1]) == ConnectionSource(Self.mapped + [192, 0, 2, 1]))
        let (one, other): ([UInt8], [UInt8]) = ([0x20, 1, 0xD, 0xB8, 0, 0, 0, 1], [0x20, 1, 0xD, 0xB8, 0, 0, 0, 2])
        #expect(ConnectionSource(Self.v6(one, 1)) == ConnectionSource(Self.v6(one, 2)))
        #expect(ConnectionSource(Self.v6(one, 1)) != ConnectionSource(Self.v6(other, 1)))
    }

    @Test func loopback() {
        let inside: [[UInt8]] = [[127, 0, 0, 1], [127, 9, 9, 9], Self.mapped + [127, 0, 0, 1], Self.v6([], 1)]
        for address in inside {
            #expect(ConnectionSource(address).isLoopback)
        }
        let outside: [[UInt8]] = [
            [128, 0, 0, 1], [1, 0, 0, 127], Self.v6([], 2), Self.v6([0x20], 1), Self.v6([127], 1),
        ]
        for address in outside {
            #expect(!ConnectionSource(address).isLoopback)
        }
    }

    @Test func placesAreTakenAndLeft() {
        let (one, other) = (ConnectionSource([192, 0, 2, 1]), ConnectionSource([192, 0, 2, 2]))
        var places = SourcePlaces(most: 2)
        let taken = [one, one, one, other].map { places.take($0) }
        #expect(taken == [true, true, false, true])
        places.leave(one)
        let again = [one, one].map { places.take($0) }
        #expect(again == [true, false])
    }
}
