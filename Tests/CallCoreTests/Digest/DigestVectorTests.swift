import Testing

@testable import CallCore

/// The examples of RFC 2617 §3.5 and RFC 7616 §3.9, and values worked out with another implementation of the hashes.
@Suite struct DigestVectorTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var field: String
        var username = "Mufasa"
        var password = "Circle of Life"
        var method = "GET"
        var uri = "/dir/index.html"
        var cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        var body = ""
        var response: String

        var testDescription: String { field }
    }

    private static let newer =
        #"realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "#
        + #"opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#

    private static func sip(_ rest: String, body: String = "", _ response: String) -> Example {
        Example(
            field: #"Digest realm="ims.example", nonce="n1", "# + rest, username: "u", password: "p",
            method: "INVITE", uri: "sip:+49@ims.example", cnonce: "c1", body: body, response: response)
    }

    static let examples = [
        Example(
            field: #"Digest realm="testrealm@host.com", qop="auth,auth-int", "#
                + #"nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
            password: "Circle Of Life", cnonce: "0a4f113b", response: "6629fae49393a05397450978507c4ef1"),
        Example(field: "Digest \(newer), algorithm=MD5", response: "8ca523f5e9506fed4657c9700eebdbec"),
        Example(
            field: "Digest \(newer), algorithm=SHA-256",
            response: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        sip(
            #"algorithm=MD5"#,
            "8bb8c895d2dd4213e6fa747598d7ce44"),
        sip(
            #"algorithm=MD5, qop="auth""#,
            "9b0cfc1c3e6425930a3d9d3362ada79a"),
        sip(
            #"algorithm=MD5, qop="auth-int""#, body: "v=0",
            "5fc7a4239ee601c97bd685aa9e4fab91"),
        sip(
            #"algorithm=MD5-sess, qop="auth""#,
            "ab099d847b6ac9935684dc76bf08fcf5"),
        sip(
            #"algorithm=MD5-sess, qop="auth-int""#, body: "v=0",
            "eae7f99afda3a8342a72c9aeb3980837"),
        sip(
            #"algorithm=SHA-256"#,
            "cf5c049e49c0989186e8272eea96770d5b5757dd51228890c87caf10abc12605"),
        sip(
            #"algorithm=SHA-256, qop="auth""#,
            "f9210067ddcee6eb8ef4b7e6d8fc7d57d9a36c0e62ec3f1d854760dd2c5c4831"),
        sip(
            #"algorithm=SHA-256, qop="auth-int""#, body: "v=0",
            "efd1e7058c42a8765c95c0f9eff311ee89a7bef0e49526338f7d9d9b4823de70"),
        sip(
            #"algorithm=SHA-256-sess, qop="auth""#,
            "6b507bb4957b96df77b5a834ca4f0c7b00841aa4f5811b462e8b06136422c6f9"),
        sip(
            #"algorithm=SHA-256-sess, qop="auth-int""#, body: "v=0",
            "7a7a4d741241adb4201df7fd791c8d8c9615d4968deb760d607d3e2299a0bcce"),
        sip(
            #"algorithm=SHA-512-256"#,
            "6d835979c67923d0d4bc1e186ef1594a56f8a0970b659ca378907dbb7c37d75a"),
        sip(
            #"algorithm=SHA-512-256, qop="auth""#,
            "e7848bdc11f0b84e9905d34cdb1ddbffd8d911f96624faeea2cad83de6f55a8f"),
        sip(
            #"algorithm=SHA-512-256, qop="auth-int""#, body: "v=0",
            "446173670bc650efa64883b94df453ca7364e3a3c86762f81e2be1bc988ce086"),
        sip(
            #"algorithm=SHA-512-256-sess, qop="auth""#,
            "37be43eaee1e9f8500946915160339895517f69beca49d5d1478d593279d8ceb"),
        sip(
            #"algorithm=SHA-512-256-sess, qop="auth-int""#, body: "v=0",
            "dcb47cc34d85f6d6c74cd2eed615757b005acbd6e1e936f81ce320858c14b76f"),
    ]

    @Test(arguments: examples) func isAnswered(_ example: Example) throws {
        let challenge = try #require(DigestChallenge.all(in: example.field, isProxy: false).first)
        let credentials = DigestCredentials(username: example.username, password: example.password)
        var session = try #require(DigestSession(challenge, credentials, cnonce: example.cnonce))
        let made = session.line(method: example.method, uri: example.uri, body: example.body)
        let line = try #require(made)
        #expect(line.hasPrefix("Authorization: Digest username="))
        #expect(line.contains("response=\"\(example.response)\""), "\(line)")
    }
}
