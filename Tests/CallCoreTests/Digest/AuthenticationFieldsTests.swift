import Testing

@testable import CallCore

@Suite struct AuthenticationFieldsTests {
    private func nonces(_ text: String) -> [String] { DigestChallenge.all(in: text, isProxy: true).map(\.nonce) }

    @Test func readsSeveralSchemes() {
        let text = #"Basic realm="b", Digest realm="a, \"b\" \\", nonce=n1 , , DIGEST Realm="c",NONCE="n2",qop=auth"#
        let found = AuthenticationFields.challenges(text)
        #expect(found.map(\.scheme) == ["basic", "digest", "digest"])
        #expect(found.map { $0.parameters["realm"] } == ["b", #"a, "b" \"#, "c"])
        #expect(nonces(text) == ["n1", "n2"])
    }

    @Test(arguments: [
        "", "Digest", "Digest realm=\"r\"", "Digest nonce=\"n\"", "Digest realm=\"r\", nonce=\"\"",
        "Digest realm=\"r\", nonce=\"n", "Digest realm=\"r\", nonce=\"n\\", "Digest realm=\"r\" nonce=\"n\"",
        "Digest realm=\"r\", nonce=\"n\", nonce=\"m\"", "Digest realm=\"r\", nonce=\"n\r\nEvil: 1\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5", "Digest realm=\"r\", nonce=\"n\", qop=\"token\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess", "Negotiate abc==, Digest", ",,,=",
    ])
    func answersNothingElse(_ text: String) { #expect(nonces(text).isEmpty) }

    @Test func isBounded() {
        let long = String(repeating: "x", count: AuthenticationFields.maximumBytes)
        #expect(nonces("Digest realm=\"r\", nonce=\"\(long)\"").isEmpty)
        #expect(nonces("Digest realm=\"r\", nonce=\"\(long.prefix(1_025))\"").isEmpty)
        #expect(nonces("Digest realm=\"r\", nonce=\"\(long.prefix(1_024))\"").count == 1)
        let many = (0..<40).map { "p\($0)=1" }.joined(separator: ", ")
        #expect(nonces("Digest realm=\"r\", nonce=n, \(many)").isEmpty)
        let challenges = (0..<12).map { "Digest realm=r, nonce=n\($0)" }.joined(separator: ", ")
        #expect(nonces(challenges).count == AuthenticationFields.maximumChallenges)
    }

    @Test func readsParametersAlone() {
        #expect(AuthenticationFields.parameters(#"nextnonce="n2", qop=auth"#) == ["nextnonce": "n2", "qop": "auth"])
        #expect(AuthenticationFields.parameters("nextnonce=\"n2").isEmpty)
    }
}
