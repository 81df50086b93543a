import Testing

@testable import Configuration

@Suite struct ValueTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("0s", .zero), ("4s", .seconds(4)), ("5m", .seconds(300)),
        ("2h", .seconds(7_200)), ("999999999h", .seconds(3_599_999_996_400)),
    ])
    func readsDurations(_ text: String, _ expected: Duration) {
        #expect(DurationText.duration(text) == expected)
        #expect(DurationText.text(expected) == text)
    }

    @Test(arguments: [
        "", "s", "4", "4 s", " 4s", "-4s", "+4s", "4S", "1.5s", "1h30m", "4sec", "1d", "1000000000s", "٤s",
    ])
    func refusesOtherDurations(_ text: String) {
        #expect(DurationText.duration(text) == nil)
    }

    @Test(arguments: [("1KiB", 1024), ("64KiB", 65_536), ("1MiB", 1_048_576), ("3GiB", 3_221_225_472)])
    func readsSizes(_ text: String, _ expected: Int) {
        #expect(ByteSize.bytes(text) == expected)
        #expect(ByteSize.text(expected) == text)
    }

    @Test(arguments: ["", "KiB", "64", "64KB", "64kib", "64 KiB", "-1KiB", "1TiB", "0x1KiB"])
    func refusesOtherSizes(_ text: String) {
        #expect(ByteSize.bytes(text) == nil)
    }

    @Test(arguments: [
        ("", ScalarValue.null), ("~", .null), ("null", .null), ("nULL", .string("nULL")), ("true", .bool(true)),
        ("False", .bool(false)), ("tRUE", .string("tRUE")), ("yes", .string("yes")), ("no", .string("no")),
        ("on", .string("on")), ("off", .string("off")), ("y", .string("y")), ("0", .int(0)), ("-12", .int(-12)),
        ("+49", .int(49)), ("007", .int(7)), ("0o17", .int(15)), ("0xFf", .int(255)), ("0o8", .string("0o8")),
        ("-0x1", .string("-0x1")), ("0x", .string("0x")), ("+", .string("+")), ("1_000", .string("1_000")),
        ("1:30", .string("1:30")), ("99999999999999999999", .float), ("1.", .float), (".5", .float), ("1e3", .float),
        ("-1.5E-3", .float), (".", .string(".")), ("1e", .string("1e")), (".inf", .float), ("-.INF", .float),
        (".nan", .float), ("-.nan", .string("-.nan")), ("1.2.3", .string("1.2.3")), ("٤", .string("٤")),
    ])
    func followsTheCoreSchema(_ text: String, _ expected: ScalarValue) {
        #expect(ScalarValue(Scalar(text: text, isPlain: true)) == expected)
        #expect(ScalarValue(Scalar(text: text, isPlain: false)) == .string(text))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::", "::"),
    ])
    func readsAddresses(_ text: String, _ canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "192.0.2", "192.0.2.256", "192.0.2.01", "0x7f.1", "localhost", "[::1]", "::1%lo", "1.2.3.4\0",
    ])
    func refusesOtherAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
        ("0.0.0.0", false), ("::", false), ("::2", false), ("1::1", false),
    ])
    func knowsLoopback(_ text: String, _ expected: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1", "10.0.0.1/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::/33", "2001:db8::/33"), ("::1", "::1/128"), ("10.11.12.128/25", "10.11.12.128/25"),
    ])
    func readsNetworks(_ text: String, _ canonical: String) throws {
        #expect(try IPNetwork(text: text).description == canonical)
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "a/8", "/8", "2001:db8::1/127", "10.0.0.0/-1",
    ])
    func refusesOtherNetworks(_ text: String) {
        #expect(throws: Refusal.self) { try IPNetwork(text: text) }
    }

    @Test(arguments: [
        ("gw.Operator.example", "gw.operator.example"), ("a", "a"), ("1x.a-b.c3", "1x.a-b.c3"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "[2001:db8::1]"), ("[2001:db8::1]", "[2001:db8::1]"),
    ])
    func readsHosts(_ text: String, _ canonical: String) {
        #expect(Host(text)?.description == canonical)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "256.1.1.1", "1.2.3", "a.3", "a b", "a\r\nb", "ä.example",
        "[192.0.2.1]", "[a]", "a:5060", "a;x", "a>b",
    ])
    func refusesOtherHosts(_ text: String) {
        #expect(Host(text) == nil)
    }

    @Test func hostNamesHaveTheLengthsOfDNS() {
        let label = String(repeating: "a", count: 63)
        #expect(Host(label) != nil)
        #expect(Host(label + "a") == nil)
        #expect(Host([label, label, label, String(label.dropLast(2))].joined(separator: ".")) != nil)
        #expect(Host([label, label, label, String(label.dropLast(1))].joined(separator: ".")) == nil)
    }

    @Test(arguments: [
        ("sip:192.0.2.1", "sip:192.0.2.1:5060;transport=udp"),
        ("SIP:192.0.2.1:5070;Transport=TCP", "sip:192.0.2.1:5070;transport=tcp"),
        ("sip:[2001:db8::1]:5070", "sip:[2001:db8::1]:5070;transport=udp"),
        ("sip:192.0.2.1;transport=tls", "sip:192.0.2.1:5061;transport=tls"),
        ("sip:192.0.2.1:5060;transport=tls", "sip:192.0.2.1:5060;transport=tls"),
        ("sip:core.example", "sip:core.example"), ("sip:core.example:5070", "sip:core.example:5070"),
        ("sip:core.example;transport=tcp", "sip:core.example;transport=tcp"),
    ])
    func readsURIs(_ text: String, _ canonical: String) throws {
        #expect(try SIPURI(text: text, isRoute: false).description == canonical)
        #expect(try SIPURI(text: text, isRoute: true).description == canonical + ";lr")
        #expect(try SIPURI(text: text + ";lr", isRoute: true).description == canonical + ";lr")
        #expect(throws: Refusal.self) { try SIPURI(text: text + ";lr", isRoute: false) }
    }

    @Test(arguments: [
        "", "sip", "sip:", "192.0.2.1", "http://192.0.2.1", "sips:192.0.2.1", "tel:+49", "sip:u@192.0.2.1",
        "sip:192.0.2.1:", "sip:192.0.2.1:0", "sip:192.0.2.1:65536", "sip:192.0.2.1:5060x", "sip:2001:db8::1",
        "sip:[2001:db8::1", "sip:192.0.2.1;transport", "sip:192.0.2.1;transport=ws", "sip:192.0.2.1;transport=x",
        "sip:192.0.2.1;transport=udp;transport=udp", "sip:192.0.2.1;x=y", "sip:192.0.2.1;", "sip:192.0.2.1?a=b",
        "sip:192.0.2.1>", "sip:192.0.2.1\r\nX: y", "sip: 192.0.2.1", "sip:0.0.0.0", "sip:[::]",
    ])
    func refusesOtherURIs(_ text: String) {
        #expect(throws: Refusal.self) { try SIPURI(text: text, isRoute: false) }
        #expect(throws: Refusal.self) { try SIPURI(text: text, isRoute: true) }
    }

    @Test(arguments: [
        ("listne", "listen"), ("LISTEN", "listen"), ("maxbody", "maxBody"), ("mxBody", "maxBody"),
        ("prefixes", "prefix"),
    ])
    func suggestsTheNearestName(_ word: String, _ expected: String) {
        #expect(Suggestion.nearest(to: word, among: ["listen", "prefix", "maxBody", "t1"]) == expected)
    }

    @Test(arguments: ["", "t3", "x", "body", "completely-different"])
    func suggestsNothingFarFetched(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: ["listen", "prefix", "maxBody", "t1"]) == nil)
    }
}
