import Testing

@testable import Configuration

/// `api.tls`, beside what the golden files say of it.
@Suite struct APITLSTests {
    private func configuration(_ api: String) throws -> Configuration {
        try Configuration(
            text: """
                api:
                  \(api)
                  auth: {mode: insecure}
                sip:
                  listen: ["udp:127.0.0.1:5060"]
                trunks:
                  - name: core
                    peers: [{uri: "sip:127.0.0.1:5070"}]
                """)
    }

    @Test func theSummarySaysSo() throws {
        #expect(try configuration("prefix: /x").summary.contains("api on 127.0.0.1:8080 with insecure"))
        let pair = "certificate: tls.pem, key: tls.key"
        #expect(
            try configuration("tls: {\(pair)}").summary.contains("api on 127.0.0.1:8080 over TLS with insecure"))
        #expect(
            try configuration("tls: {\(pair), clientCA: ca.pem}").summary
                .contains("api on 127.0.0.1:8080 over mutual TLS with insecure"))
    }

    @Test func anExpiredCertificateWarns() throws {
        let expired = "certificate: expired.pem, key: tls.key"
        #expect(
            try configuration("tls: {\(expired)}").warnings(in: "f") == [
                "f:2:22: warning: api.tls.certificate: has expired: it will be refused; renew it and reload"
            ])
        let sip = "{listen: [\"udp:127.0.0.1:5060\", \"tls:127.0.0.1:5061\"], tls: {\(expired), verify: false}}"
        #expect(try configuration("tls: {certificate: tls.pem, key: tls.key}").warnings(in: "f").isEmpty)
        let text = "api: {auth: {mode: insecure}}\nsip: \(sip)\ntrunks: [{name: a, peers: [{uri: \"sip:127.0.0.1\"}]}]"
        let warnings = try Configuration(text: text).warnings(in: "f")
        try #require(warnings.count == 2)
        #expect(warnings[0].hasPrefix("f:2:80: warning: sip.tls.certificate: has expired: "))
        #expect(warnings[1].contains("warning: sip.tls.verify: false: whoever answers"))
    }

    /// TLS guards the way, not who may call: without tokens everybody on the machine is the client.
    @Test func insecureStaysOnTheMachine() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(
                "listen: [\"192.0.2.1:8443\"]\n  tls: {certificate: tls.pem, key: tls.key, clientCA: ca.pem}")
        }
        #expect(error?.description.contains("api.auth.mode: insecure with the listener 192.0.2.1:8443") == true)
    }

    @Test func certificatesMayChangeButNotWhetherThereIsTLS() throws {
        let pair = "certificate: tls.pem, key: tls.key"
        let (clear, one) = (try configuration("prefix: /x"), try configuration("prefix: /x\n  tls: {\(pair)}"))
        let mutual = try configuration("prefix: /x\n  tls: {\(pair), clientCA: ca.pem}")
        let taken = try one.reload(mutual, path: "f")
        #expect(taken.restartOnly == [] && taken.effective.api.tls?.clientCA != nil)
        #expect(taken.effective.swappedKeys(from: one) == ["api.tls"])
        for (old, new) in [(clear, one), (one, clear)] {
            let left = try old.reload(new, path: "f")
            #expect(left.restartOnly == ["api.tls"] && left.effective == old)
        }
    }

    /// The first example of docs/api-tls.md, with the fixtures in the place of its files.
    @Test func theDocumentedExample() throws {
        let page = try Folders.text(Folders.repository, "docs/api-tls.md")
        let example = page.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
        let rest = """
              auth: {mode: jwt, issuer: i, audience: a, jwks: jwks.json}
            trunks: [{name: a, peers: [{uri: "sip:127.0.0.1"}]}]
            """
        let files = ["api.pem": "tls.pem", "api.key": "tls.key", "clients.pem": "ca.pem", "jwks.json": "jwks.json"]
        let configuration = try Configuration(
            yaml: Array((example + rest).utf8), path: "f",
            Surroundings(folder: "", environment: [:]) { name in
                FileReading.read(Folders.fixture(files[name] ?? "nowhere"))
            })
        #expect(configuration.api.tls == .init(certificate: "api.pem", key: "api.key", clientCA: "clients.pem"))
    }
}
