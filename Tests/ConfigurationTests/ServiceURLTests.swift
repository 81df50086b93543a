import Testing

@testable import Configuration

@Suite struct ServiceURLTests {
    @Test(arguments: [
        "https://idp.example", "https://IDP.example:8443/realms/a/jwks?format=jwks", "HTTPS://192.0.2.1/jwks",
        "https://[2001:db8::1]:443/", "http://127.0.0.1:9000/introspect", "http://127.9.9.9", "http://[::1]/jwks",
    ])
    func takesHTTPSAndLoopback(_ text: String) throws {
        #expect(try ServiceURL(text: text).text == text)
    }

    @Test(arguments: [
        ("", "is no https URL"), ("idp.example/jwks", "is no https URL"), ("ftp://idp.example", "is no https URL"),
        ("https:/idp.example", "is no https URL"),
        ("http://idp.example", "is http, which only a loopback address may have"),
        ("http://localhost:9000", "is http, which only a loopback address may have"),
        ("http://192.0.2.1/", "is http, which only a loopback address may have"),
        ("https://", "has no host"), ("https:///jwks", "has no host"), ("https://?a", "has no host"),
        ("https://0.0.0.0/", "has no host"), ("https://2130706433/", "has no host"), ("https://[::1/", "has no host"),
        ("https://a_b.example", "has no host"),
        ("https://gateway:secret@idp.example/", "has user information"),
        ("https://idp.example:0/", "has no port from 1 to 65535"),
        ("https://idp.example:65536/", "has no port from 1 to 65535"),
        ("https://idp.example:/", "has no port from 1 to 65535"),
        ("https://[::1]8443/", "has no port from 1 to 65535"),
        ("https://idp.example/#keys", "has a character that a URL here cannot have"),
        ("https://idp.example/a b", "has a character that a URL here cannot have"),
        ("https://idp.example/\r\nX: y", "has a character that a URL here cannot have"),
        ("https://idp.example\\@evil.example/", "has a character that a URL here cannot have"),
        ("https://ïdp.example/", "has a character that a URL here cannot have"),
        ("https://idp.example/%zz", "has a character that a URL here cannot have"),
        ("https://idp.example/%4", "has a character that a URL here cannot have"),
        ("http://[::ffff:127.0.0.1]/", "has no host"),
    ])
    func refusesOthers(_ text: String, _ reason: String) {
        let refusal = #expect(throws: Refusal.self) { try ServiceURL(text: text) }
        #expect(refusal?.reason == reason)
    }

    @Test func hasALength() {
        let start = "https://idp.example/"
        let longest = start + String(repeating: "a", count: ServiceURL.maximumBytes - start.utf8.count)
        #expect(throws: Never.self) { try ServiceURL(text: longest) }
        #expect(throws: Refusal.self) { try ServiceURL(text: longest + "a") }
    }

    @Test func printsWithoutItsQuery() throws {
        let url = try ServiceURL(text: "https://idp.example/jwks?key=hunter2")
        #expect("\(url)" == "https://idp.example/jwks")
    }
}
