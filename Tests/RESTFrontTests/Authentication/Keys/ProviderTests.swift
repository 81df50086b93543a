import Foundation
import Testing

@testable import RESTFront

/// What is said to a provider, and read from it, without a socket.
@Suite struct ProviderTests {
    @Test(arguments: [
        "https://idp.example/keys", "HTTPS://idp.example", "https://idp.example:8443/keys?tenant=a",
        "https://192.0.2.1/keys", "http://127.0.0.1:8080/keys", "http://127.9.9.9/keys", "http://[::1]:8080/keys",
        "HTTP://127.0.0.1/",
    ])
    func goodURLs(text: String) throws {
        let url = try ProviderURL(text)
        #expect(url.text == text)
        #expect(!url.description.contains("tenant"))
        #expect(url.description.hasPrefix(url.scheme + "://"))
    }

    @Test(arguments: [
        "", "idp.example", "file:///etc/passwd", "ftp://127.0.0.1/", "http://idp.example/keys",
        "http://localhost:8080/keys", "http://128.0.0.1/keys", "http://192.168.0.1/", "http://[::2]/",
        "http://0x7f.1/", "http://127.1/", "http://127.0.0.1@evil.example/", "https://user:secret@idp.example/",
        "https://idp.example/#a", "https://idp.example/a b", "https://idp.example:0/", "http://[::ffff:127.0.0.1]/",
    ])
    func badURLs(text: String) {
        #expect(throws: ProviderURL.Malformed.self) { try ProviderURL(text) }
    }

    @Test(arguments: [
        ("", nil as Int?), ("max-age=300", 300), ("public, max-age=300", 300), ("Max-Age = \"300\"", 300),
        ("max-age=300, max-age=100", 100), ("no-store", 0), ("max-age=300, no-cache", 0), ("max-age=", nil),
        ("max-age=-5", nil), ("max-age=1e3", nil), ("s-maxage=5", nil), ("max-age", nil),
        ("max-age=99999999999999999999999", Int(Int32.max)), (",,=,", nil),
    ])
    func cacheControl(value: String, seconds: Int?) {
        #expect(FetchResponse(body: Data(), cacheControl: value).maximumAge == seconds)
    }

    @Test func formsAndCredentialsAreEncoded() throws {
        let request = FetchRequest(
            url: try ProviderURL("https://idp.example/introspect"),
            form: [("token", "a+b/c=&d"), ("token_type_hint", "access_token")], credentials: ("gate:way", "s ä%"),
            timeout: .seconds(1), maximumBytes: 1)
        #expect(request.body == "token=a%2Bb%2Fc%3D%26d&token_type_hint=access_token")
        #expect(request.authorization == "Basic " + Data("gate%3Away:s%20%C3%A4%25".utf8).base64EncodedString())
    }

    @Test(arguments: [
        ("+17085852753", "+17085852753"), ("+1 (708) 585-2753", "+17085852753"), ("tel:+17085852753", "+17085852753"),
        ("TEL:+1-708-585-2753", "+17085852753"), ("sip:+17085852753@ims.example", "+17085852753"),
        ("SIP:+17085852753@ims.example;user=phone", "+17085852753"), ("sips:+17085852753@ims.example", "+17085852753"),
        ("sip:%2B17085852753@ims.example", "+17085852753"), ("17085852753", nil as String?), ("tel:17085852753", nil),
        ("tel:112", nil), ("sip:alice@ims.example", nil), ("sip:anonymous@anonymous.invalid", nil),
        ("tel:+17085852753;ext=5", nil), ("mailto:+17085852753", nil), ("", nil), ("+", nil),
        ("+17085852753@ims.example", nil), ("+1708585275399999", nil),
    ])
    func phoneNumberClaims(text: String, number: String?) {
        #expect(ClaimRules.phoneNumber(text)?.text == number)
    }

    @Test func aChangeIsToldOnce() {
        var health = ProviderHealth()
        let told = [nil, nil, .timeout, .status(500), nil, .timeout].map { health.observe($0) }
        #expect(told == [.answers, nil, .fails(.timeout), nil, .answers, .fails(.timeout)])
    }
}
