import Testing

@testable import CallCore

/// Which challenges are answered, and how often.
@Suite struct TrunkAuthenticationTests {
    private var trunk = TrunkAuthentication(DigestCredentials(username: "u", password: "hunter2"))
    private var exchange = DigestExchange()
    private var nonces = DigestSessions()

    private func challenge(
        _ nonce: String, realm: String = "r", isStale: Bool = false, isProxy: Bool = false, _ rest: String = ""
    ) -> [DigestChallenge] {
        DigestChallenge.all(
            in: "Digest realm=\"\(realm)\", nonce=\"\(nonce)\", qop=\"auth\", stale=\(isStale)\(rest)",
            isProxy: isProxy)
    }

    private mutating func takes(_ challenges: [DigestChallenge]) -> Bool {
        trunk.takes(challenges, in: &exchange, &nonces, cnonce: { "c" })
    }

    private mutating func send() -> String? {
        nonces.lines(method: "INVITE", uri: "sip:a@b", body: "", in: &exchange)
    }

    @Test mutating func countsTheUsesOfANonce() throws {
        let sent1 = send()
        #expect(sent1 == nil)
        let isTaken = takes(challenge("n1"))
        #expect(isTaken)
        let first = try #require(send())
        #expect(first.contains("nc=00000001") && first.contains("nonce=\"n1\"") && !first.contains("hunter2"))
        exchange = DigestExchange()
        let sent2 = send()
        #expect(sent2?.contains("nc=00000002") ?? false)
    }

    @Test mutating func aWrongPasswordIsTriedOnce() {
        _ = send()
        let first = takes(challenge("n1"))
        _ = send()
        let second = takes(challenge("n2"))
        #expect(first && !second)
        // Forgotten: the next call asks without credentials.
        exchange = DigestExchange()
        let sent3 = send()
        #expect(sent3 == nil)
    }

    @Test mutating func aStaleNonceIsRenewedOnce() {
        _ = takes(challenge("n1"))
        exchange = DigestExchange()
        _ = send()
        let renewed = takes(challenge("n2", isStale: true))
        #expect(renewed)
        let sent4 = send()
        #expect(sent4?.contains("nonce=\"n2\"") ?? false)
        let again = takes(challenge("n3", isStale: true))
        #expect(!again)
    }

    @Test mutating func staleAfterAnAnswerCountsNotAsAWrongPassword() {
        _ = takes(challenge("n1"))
        _ = send()
        let renewed = takes(challenge("n2", isStale: true))
        #expect(renewed)
        _ = send()
        let wrong = takes(challenge("n3"))
        #expect(!wrong)
    }

    @Test mutating func anOldNonceIsReplacedWithoutAWordOfStale() {
        _ = takes(challenge("n1"))
        exchange = DigestExchange()
        _ = send()
        let replaced = takes(challenge("n2"))
        #expect(replaced)
    }

    @Test mutating func theSameNonceAgainIsARefusal() {
        _ = takes(challenge("n1"))
        exchange = DigestExchange()
        _ = send()
        let again = takes(challenge("n1"))
        #expect(!again)
    }

    @Test mutating func aRealmIsOneHoweverItIsWritten() throws {
        let both = takes(challenge("n1", realm: "r.example") + challenge("n2", realm: "R.example"))
        #expect(both)
        let first = try #require(send())
        #expect(first.contains("nonce=\"n1\"") && !first.contains("n2"))
        let again = takes(challenge("n3", realm: "R.EXAMPLE"))
        #expect(!again, "the password is wrong")
        exchange = DigestExchange()
        let renewed = takes(challenge("n4", realm: "R.EXAMPLE"))
        #expect(renewed)
        let line = try #require(send())
        #expect(line.contains("realm=\"R.EXAMPLE\"") && line.contains("nonce=\"n4\"") && !line.contains("\n"))
    }

    @Test mutating func aProxyAndTheOtherEndBothGetTheirs() {
        _ = takes(challenge("n1", isProxy: true))
        _ = send()
        let other = takes(challenge("n2"))
        #expect(other)
        let lines = send()?.split(separator: "\n").map { $0.prefix { $0 != ":" } }
        #expect(lines == ["Proxy-Authorization", "Authorization"])
    }

    @Test mutating func realmsWithoutEndAreNotAnswered() {
        let answers = (0..<10).map { index in
            let isTaken = takes(challenge("n\(index)", realm: "r\(index)"))
            _ = send()
            return isTaken
        }
        #expect(answers.count(where: { $0 }) == DigestExchange.maximumSpaces)
    }

    @Test mutating func realmsThatAreAskedForNoMoreMakeRoom() {
        for index in 0..<10 {
            exchange = DigestExchange()
            let isTaken = takes(challenge("n\(index)", realm: "r\(index)"))
            #expect(isTaken)
        }
        exchange = DigestExchange()
        let lines = send()?.split(separator: "\n") ?? []
        #expect(lines.count == DigestExchange.maximumSpaces && lines.last?.contains("nonce=\"n9\"") ?? false)
    }

    @Test mutating func theStrongestAlgorithmIsChosen() {
        let isTaken = takes(
            challenge("m") + challenge("s", ", algorithm=SHA-256") + challenge("t", ", algorithm=SHA-512-256"))
        #expect(isTaken)
        let line = send() ?? ""
        #expect(line.contains("algorithm=SHA-256") && line.contains("nonce=\"s\""))
    }

    @Test mutating func anotherRealmIsNotAnswered() {
        trunk = TrunkAuthentication(DigestCredentials(username: "u", password: "p", realm: "ours"))
        let theirs = takes(challenge("n1", realm: "theirs"))
        let ours = takes(challenge("n2", realm: "theirs") + challenge("n3", realm: "ours"))
        #expect(!theirs && ours)
        let shouted = takes(challenge("n4", realm: "OURS", isProxy: true))
        #expect(shouted)
    }

    /// Whoever is called can send 407 as a proxy does.
    @Test(arguments: [false, true]) mutating func whatACallIsAskedForIsForThatCallAlone(isProxy: Bool) {
        let isTaken = takes(challenge("n1", isProxy: isProxy))
        #expect(isTaken)
        exchange = DigestExchange()
        let same = send()
        #expect(same?.contains("Authorization: Digest") ?? false)
        (exchange, nonces) = (DigestExchange(), DigestSessions())
        let another = send()
        #expect(another == nil)
    }

    @Test func theOperatorIsToldOfAnotherRealm() {
        let trunk = TrunkAuthentication(DigestCredentials(username: "u", password: "p", realm: "ours"))
        #expect(trunk.alarm(ofForeign: []) == nil)
        #expect(trunk.alarm(ofForeign: challenge("n", realm: "theirs") + challenge("n", realm: "ours")) == nil)
        let alarm = trunk.alarm(
            ofForeign: challenge("n", realm: "a\\\"\u{202E}\u{e9}" + String(repeating: "x", count: 999)))
        #expect(alarm?.contains(#"realm "a\"\u{202E}\u{00E9}xxx"#) ?? false)
        #expect(alarm?.contains("auth.realm") ?? false)
        #expect(alarm?.utf8.count ?? 0 < 256)
        // Many marks are one character.
        let marked = trunk.alarm(ofForeign: challenge("n", realm: "a" + String(repeating: "\u{301}", count: 400)))
        #expect(marked?.contains(#"realm "a\u{0301}\u{0301}"#) ?? false)
        #expect(marked?.utf8.count ?? 0 < 256)
    }

    @Test mutating func nextnonceIsUsed() {
        _ = takes(challenge("n1"))
        _ = send()
        nonces.renew("nextnonce=\"n9\"", isProxy: true, in: exchange)
        let sent5 = send()
        #expect(sent5?.contains("nc=00000002") ?? false)
        nonces.renew("qop=auth, nextnonce=\"n9\"", isProxy: false, in: exchange)
        let line = send() ?? ""
        #expect(line.contains("nonce=\"n9\"") && line.contains("nc=00000001"))
    }

    @Test func printsNoSecret() {
        var dumped = ""
        dump(trunk, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(trunk)".contains("hunter2"))
    }
}
