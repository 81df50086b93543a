import CallCore
import Testing

@Suite struct SinkURLTests {
    @Test(arguments: [
        ("https://sink.example", "sink.example", 443), ("https://sink.example/", "sink.example", 443),
        ("https://Sink.Example:8443/a/b?c=d%20e", "sink.example", 8443),
        ("https://sink.example.?x", "sink.example", 443),
        ("HTTPS://sink.example/", "sink.example", 443), ("https://192.0.2.7:1/", "192.0.2.7", 1),
        ("https://[2001:DB8::1]/", "2001:db8::1", 443), ("https://[2001:db8::1]:65535", "2001:db8::1", 65535),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("https://a-1.b2/~(x)!$&'*+,;=:@", "a-1.b2", 443),
    ])
    func acceptsHTTPSURLs(text: String, host: String, port: UInt16) throws {
        let url = try SinkURL(text)
        #expect(url.text == text)
        #expect(url.host == host)
        #expect(url.port == port)
    }

    @Test(arguments: [
        ("http://sink.example/", InvalidSink.notHTTPS), ("https:/sink.example", .notHTTPS), ("https://", .notHTTPS),
        ("sink.example", .notHTTPS), ("", .notHTTPS), ("https\u{3A}\u{2F}\\sink.example", .notHTTPS),
        ("https://user@sink.example/", .userInformation), ("https://user:pass@sink.example/", .userInformation),
        ("https://@sink.example/", .userInformation), ("https://sink.example#frag", .fragment),
        ("https://sink.example/#", .fragment), ("https:///path", .host), ("https://:443/", .host),
        ("https://sink..example/", .host), ("https://-a.example/", .host), ("https://a-.example/", .host),
        ("https://sink_1.example/", .host), ("https://%31.example/", .host), ("https://[::1/", .host),
        ("https://[fe80::1%25eth0]/", .host), ("https://[127.0.0.1]/", .host), ("https://[sink]/", .host),
        // What some parsers take for 127.0.0.1.
        ("https://127.1/", .host), ("https://2130706433/", .host), ("https://0x7f.0.0.1/", .host),
        ("https://0x7f000001/", .host),
        ("https://0177.0.0.1/", .host), ("https://127.0.0.1.5/", .host),
        ("https://sink.example\\@127.0.0.1/", .malformed), ("https://sink.example/ a", .malformed),
        ("https://sink.example/\r\nHost: x", .malformed), ("https://sink.example/%zz", .malformed),
        ("https://sink.example/%2", .malformed), ("https://bücher.example/", .malformed),
        ("https://sink.example/\u{0}", .malformed), ("https://sink.example/<a>", .malformed),
        ("https://sink.example:0/", .port), ("https://sink.example:65536/", .port), ("https://sink.example:/", .port),
        ("https://sink.example:+1/", .port), ("https://[2001:db8::1]x/", .port), ("https://sink.example:1:2/", .port),
    ])
    func refusesWhatIsUnsafeOrAmbiguous(text: String, reason: InvalidSink) {
        #expect(throws: reason) { try SinkURL(text) }
    }

    @Test func boundsTheLength() throws {
        let start = "https://sink.example/"
        let longest = start + String(repeating: "a", count: 2_048 - start.utf8.count)
        #expect(try SinkURL(longest).text == longest)
        #expect(throws: InvalidSink.tooLong) { try SinkURL(longest + "a") }
    }

    @Test func printsItsOriginOnly() throws {
        let url = try SinkURL("https://sink.example/hooks/s3cret?token=t0ken")
        #expect("\(url)" == "https://sink.example:443")
        #expect(try SinkURL("https://[2001:db8::1]/").origin == "[2001:db8::1]:443")
    }
}

@Suite struct SinkAddressTests {
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "169.253.0.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00::1", "64:ff9b::808:808",
    ])
    func knowsPublicAddresses(text: String) throws {
        #expect(try #require(SinkAddress(text)).isPublic)
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1",
        "ff02::1",
        "4000::1",
    ])
    func knowsOthers(text: String) throws {
        #expect(try !#require(SinkAddress(text)).isPublic)
    }

    @Test func matchesNetworks() throws {
        func contains(_ network: String, _ address: String) throws -> Bool {
            try #require(SinkNetwork(network)).contains(#require(SinkAddress(address)))
        }
        #expect(try contains("10.0.0.0/8", "10.255.255.255"))
        #expect(try !contains("10.0.0.0/8", "11.0.0.0"))
        #expect(try contains("192.168.1.128/25", "192.168.1.128"))
        #expect(try !contains("192.168.1.128/25", "192.168.1.127"))
        #expect(try contains("0.0.0.0/0", "255.255.255.255"))
        #expect(try !contains("0.0.0.0/0", "::1"))
        #expect(try contains("192.0.2.7", "192.0.2.7"))
        #expect(try !contains("192.0.2.7", "192.0.2.6"))
        #expect(try contains("2001:db8:8000::/33", "2001:db8:ffff::1"))
        #expect(try !contains("2001:db8:8000::/33", "2001:db8:7fff::1"))
        #expect(try contains("2001:db8::/65", "2001:db8::7fff:0:0:1"))
        #expect(try !contains("2001:db8::/65", "2001:db8::8000:0:0:1"))
        #expect(try contains("::/0", "ff02::1"))
        #expect(try !contains("::1/128", "::2"))
        for text in [
            "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "10.0.0/8", "host/8", "",
            "10.0.0.0/8/8",
        ] {
            #expect(SinkNetwork(text) == nil, "\(text)")
        }
    }
}

@Suite struct SinkAllowListTests {
    private func permits(_ list: SinkAllowList, _ address: String, host: String = "sink.example") throws -> Bool {
        list.permits(try #require(SinkAddress(address)), host: host)
    }

    @Test func permitsThePublicInternetAlone() throws {
        #expect(try permits(.publicOnly, "8.8.8.8"))
        #expect(try !permits(.publicOnly, "127.0.0.1"))
        #expect(try !permits(.publicOnly, "::ffff:8.8.8.8"))
    }

    @Test func permitsWhatIsListed() throws {
        let list = try SinkAllowList(["127.0.0.0/8", "fd00::/8", "Internal.Example"])
        #expect(try permits(list, "127.0.0.1"))
        #expect(try permits(list, "::ffff:127.0.0.1"))
        #expect(try permits(list, "fd12::1"))
        #expect(try !permits(list, "10.0.0.1"))
        #expect(try permits(list, "10.0.0.1", host: "internal.example"))
        #expect(try !permits(list, "10.0.0.1", host: "sub.internal.example"))
        for bad in ["10.0.0.0/40", "a b", "*", "https://x", "host:443", "user@host", ""] {
            #expect(throws: SinkAllowList.InvalidEntry.self) { try SinkAllowList([bad]) }
        }
    }

    @Test(arguments: [
        "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3:8443/x", "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/", "https://localhost/", "https://LOCALHOST./",
        "https://a.localhost/",
    ])
    func refusesEarlyWhatNeedsNoLookUp(text: String) throws {
        let url = try SinkURL(text)
        #expect(throws: InvalidSink.notPublic) { try SinkAllowList.publicOnly.check(url) }
    }

    @Test func passesNamesAndListedAddresses() throws {
        try SinkAllowList.publicOnly.check(SinkURL("https://sink.example/"))
        try SinkAllowList.publicOnly.check(SinkURL("https://8.8.8.8/"))
        try SinkAllowList(["127.0.0.0/8"]).check(SinkURL("https://127.0.0.1/"))
        try SinkAllowList(["localhost"]).check(SinkURL("https://localhost/"))
    }
}
