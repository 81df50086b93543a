import Testing

@testable import Configuration

/// What a running gateway takes from another file.
@Suite struct ReloadTests {
    private func configuration(_ change: (String, String)...) throws -> Configuration {
        var text = """
            api:
              auth: {mode: insecure}
            sip:
              listen: ["udp:127.0.0.1:5060"]
              timers: {ring: 2m}
            trunks:
              - name: core
                peers: [{uri: "sip:127.0.0.1:5070"}]
            routes: [{prefix: "+", trunks: [core]}]
            log: {level: info}
            """
        for (old, new) in change {
            try #require(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Configuration(text: text)
    }

    @Test func theSameFileChangesNothing() throws {
        let old = try configuration()
        #expect(try old.reload(old, path: "x") == .init(effective: old, restartOnly: []))
        #expect(old.swappedKeys(from: old) == [])
    }

    @Test func takesWhatCanBeTakenAndNamesTheRest() throws {
        let old = try configuration()
        let new = try configuration(
            ("level: info", "level: debug"), ("name: core", "name: edge"), ("[core]", "[edge]"),
            ("ring: 2m", "ring: 1m"),
            ("127.0.0.1:5060\"", "127.0.0.1:5060\", \"udp:127.0.0.1:5062\""))
        let reload = try old.reload(new, path: "x")
        #expect(reload.restartOnly == ["sip.listen", "sip.timers.ring"])
        #expect(reload.effective.trunks == new.trunks)
        #expect(reload.effective.log.level == .debug)
        #expect(reload.effective.sip.listen == old.sip.listen)
        #expect(reload.effective.sip.timers.ring == .seconds(120))
        #expect(reload.effective.swappedKeys(from: old) == ["trunks", "routes", "log.level"])
    }

    @Test func takesTrunksThatRegisterToo() throws {
        let account = "auth: {username: u, password: p}\n    register: {mode: trunk}"
        let old = try configuration(("5070\"}]", "5070\"}]\n    \(account)"))
        let new = try configuration(("5070\"}]", "5071\"}]\n    \(account)"))
        let reload = try old.reload(new, path: "x")
        #expect(reload.restartOnly == [])
        #expect(reload.effective.trunks == new.trunks)
    }

    @Test func refusesTrunksThatOnlyTheNewListenersReach() throws {
        let old = try configuration()
        let new = try configuration(("udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"), ("5070", "5070;transport=tcp"))
        let error = #expect(throws: ConfigurationError.self) { try old.reload(new, path: "x.yaml") }
        let text = try #require(error).description
        #expect(text.contains("x.yaml:1:1: trunks: core: sip:127.0.0.1:5070;transport=tcp needs a listener"))
    }

    /// Every part of the value is one or the other: what is forgotten would be ignored without a word.
    @Test func everyKeyIsTakenOrNamed() throws {
        let old = try configuration(("log: {level: info}", "storage: {url: \"memory:\"}"))
        let new = try Configuration(text: try Folders.text(Folders.fixtures, "every-key.yaml"))
        var copy = old
        for part in Configuration.Part.restartOnly + Configuration.Part.swapped { part.copy(new, &copy) }
        copy.warnings = new.warnings
        #expect(copy == new)
        let known = Set(Schema.rows.map(\.path))
        for part in Configuration.Part.restartOnly + Configuration.Part.swapped { #expect(known.contains(part.key)) }
    }
}
