import Testing

@testable import RESTFront

@Suite struct PlainPostTests {
    /// Target, correlator and body; nil where the library has to look.
    private static func read(_ text: String) -> [String]? {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            PlainPost(bytes).map { post in
                [post.target, post.correlator, post.body].map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    private static func request(_ headers: String = "", body: String = "{}", line: String = "POST /a HTTP/1.1")
        -> String
    {
        "\(line)\r\nHost: h\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func plain() {
        #expect(PlainPostTests.read(PlainPostTests.request()) == ["POST /a", "", "{}"])
        #expect(
            PlainPostTests.read(PlainPostTests.request("X-Correlator:  abc \r\nConnection: Keep-Alive\r\n"))
                == ["POST /a", "abc", "{}"])
        #expect(
            PlainPostTests.read(PlainPostTests.request("Authorization: Bearer x\r\n", body: "")) == ["POST /a", "", ""])
    }

    @Test(arguments: [
        request("Connection: close\r\n"), request("Expect: 100-continue\r\n"), request("Upgrade: h2c\r\n"),
        request("Transfer-Encoding: chunked\r\n"), request("Content-Length: 2\r\n"), request("Host: other\r\n"),
        request("Bad Name: 1\r\n"), request(" folded: 1\r\n"), request("no colon\r\n"),
        request("x-correlator: a\r\nx-correlator: b\r\n"), request(line: "POST /a HTTP/1.0"), request(line: "POST /a"),
        request() + "x", String(request().dropLast()), "POST /a HTTP/1.1\nHost: h\nContent-Length: 0\n\n",
        "POST /a HTTP/1.1\r\nHost: h\r\n\r\n", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n{}",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "POST /a HTTP/1.1\r\nHost: h\r\n", "P", "",
    ])
    func notPlain(_ text: String) {
        #expect(PlainPostTests.read(text) == nil)
    }
}
