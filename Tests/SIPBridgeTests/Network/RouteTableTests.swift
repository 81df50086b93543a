import CallCore
import Testing

@testable import SIPBridge

@Suite("Routes")
struct RouteTableTests {
    private let table = RouteTable([
        .init(prefix: "+", trunks: [0]), .init(prefix: "+49", trunks: [1, 0]), .init(prefix: "+4930", trunks: [2]),
        .init(prefix: "alice@", trunks: [3]), .init(prefix: "112", trunks: [4]),
    ])

    @Test(arguments: [
        ("tel:+17085854000", [0]), ("tel:+49891234567", [1, 0]), ("tel:+493012345", [2]), ("tel:+4412345678", [0]),
        ("sip:+493012345@elsewhere.example", [2]), ("sip:alice@example.com", [3]), ("sip:bob@example.com", []),
        ("sip:alicea@example.com", []), ("tel:112;phone-context=+34", [4]), ("tel:11;phone-context=+34", []),
        ("sip:anonymous@anonymous.invalid", []),
    ])
    func theLongestPrefixWins(receiver: String, trunks: [Int]) throws {
        let address = try #require(Address(receiver, pattern: .r3))
        #expect(table.trunks(for: address) == trunks)
    }

    @Test func anEmptyPrefixMatchesAll() throws {
        let table = RouteTable([.init(prefix: "", trunks: [7]), .init(prefix: "+1", trunks: [8])])
        for (receiver, trunk) in [("tel:+17085854000", 8), ("tel:+4912345678", 7), ("sip:bob@example.com", 7)] {
            #expect(table.trunks(for: try #require(Address(receiver))) == [trunk])
        }
    }

    @Test func withoutRoutesNothingIsReached() throws {
        #expect(RouteTable([]).trunks(for: try #require(Address("tel:+17085854000"))).isEmpty)
    }

    @Test(arguments: [
        (SIPAddress(transport: .udp, host: "192.0.2.7", port: 5060), "sip:192.0.2.7:5060;transport=udp"),
        (SIPAddress(transport: .tcp, host: "2001:db8::1", port: 5070), "sip:[2001:db8::1]:5070;transport=tcp"),
    ])
    func addressesAsURIs(address: SIPAddress, uri: String) {
        #expect(address.uri == uri)
    }
}
