import Testing

@testable import SIPBridge

@Suite("Networks")
struct IPNetworkTests {
    @Test(arguments: [
        ("127.0.0.0/8", "127.0.0.1", true),
        ("127.0.0.0/8", "127.255.255.255", true),
        ("127.0.0.0/8", "128.0.0.0", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false),
        ("192.0.2.7/24", "192.0.2.200", true),  // bits beyond the prefix do not count
        ("10.0.0.0/9", "10.127.0.1", true),
        ("10.0.0.0/9", "10.128.0.1", false),
        ("10.1.2.4/30", "10.1.2.7", true),
        ("10.1.2.4/30", "10.1.2.8", false),
        ("10.1.2.4/31", "10.1.2.5", true),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/33", "2001:db8:8000::1", false),
        ("::1", "::1", true),
        ("::1", "::2", false),
        ("::/0", "::1", true),
        ("::/0", "127.0.0.1", false),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("127.0.0.0/8", "::ffff:128.0.0.1", false),
        ("0.0.0.0/0", "::ffff:203.0.113.9", true),
        ("::/0", "::ffff:127.0.0.1", false),
        ("127.0.0.0/8", "localhost", false),
        ("127.0.0.0/8", "", false),
        ("127.0.0.0/8", "127.0.0.1:5060", false),
        ("127.0.0.0/8", "127.1", false),
    ])
    func contains(network: String, address: String, expected: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(address) == expected)
    }

    @Test(arguments: [
        "", "/", "/8", "127.0.0.1/", "127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1/8/8", "127.0.0.1/+8", "127.0.0.1/ 8",
        "127.0.0.1/٨", "::1/129", "localhost", "127.0.0/8", "256.0.0.1", "[::1]", "fe80::1%lo", " 127.0.0.1",
        "127.0.0.1/99999999999999999999",
    ])
    func refuses(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func theWholeAddressIsTheDefault() throws {
        #expect(try #require(IPNetwork("192.0.2.7")).prefixLength == 32)
        #expect(try #require(IPNetwork("2001:db8::1")).prefixLength == 128)
    }
}
