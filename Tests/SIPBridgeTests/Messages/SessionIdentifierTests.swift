import CallCore
import Testing

@testable import SIPBridge

private let a = "ab30317f1a784dc48ff824d0d3715d86"
private let b = "47755a9de7794ba387653f2099600ef2"
private let c = "0123456789abcdef0123456789abcdef"
private let none = String(repeating: "0", count: 32)

extension SessionUUID {
    /// One that is given in a test.
    static func of(_ text: String) -> SessionUUID { SessionUUID(text) ?? .none }
}

extension SessionIdentifier {
    /// A session whose other end is not known yet.
    static let sample = SessionIdentifier(own: .of(a))
}

/// RFC 7989 §5 and §11: what is taken of a header of the peer's.
@Suite("A Session-ID header")
struct SessionIDFieldTests {
    @Test(arguments: [
        ("\(a);remote=\(none)", a, true), ("\(a);remote=\(b)", a, true), ("\(a)", a, false),
        ("\(a) ;\tREMOTE = \(b)", a, true), ("\(a)\r\n ;remote=\(b)", a, true), ("\(a);x=1;remote=\(b)", a, true),
        ("\(a);remoteness=1;x=remote", a, false), ("\(a);remote", a, false), ("\(a);", a, false), ("\(a)  ", a, false),
        ("\(none);remote=\(a)", none, true), ("\(a);remote=", a, true), ("\(a);remote=not a UUID", a, true),
        ("\(a);\(String(repeating: "x", count: 600));remote=\(b)", a, false),
    ])
    func taken(value: String, uuid: String, namesRemote: Bool) throws {
        let field = try #require(SessionIDField(value))
        #expect(field.uuid.text == uuid)
        #expect(field.namesRemote == namesRemote)
    }

    @Test(arguments: [
        "", ";", "\(a.uppercased())", "AB30317f1a784dc48ff824d0d3715d86;remote=\(b)", "ab30",
        "\(a.dropLast());remote=\(b)",
        "\(a)0;remote=\(b)", "\(a),\(b)", "\(a) \(b)", "\(a)\"", " \(a)", "remote=\(a)", "x\"y;remote",
        "g\(a.dropFirst())",
        "ab30317f-1a78-4dc4-8ff8-24d0d3715d86", "\u{ff}\(a)",
    ])
    func notTaken(value: String) {
        #expect(SessionIDField(value) == nil)
    }

    @Test func noHeader() {
        let missing: UnsafePointer<CChar>? = nil
        #expect(SessionIDField(missing) == nil)
    }
}

/// RFC 7989 §4.1.
@Suite("The UUID of an end")
struct SessionUUIDTests {
    @Test func randomOnesAreOfVersion4() {
        var random = SystemRandom()
        var seen: Set<String> = []
        for _ in 0..<100 {
            let text = SessionUUID.random(using: &random).text
            #expect(text.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil, "\(text)")
            seen.insert(text)
        }
        #expect(seen.count == 100)
    }

    @Test func textGoesBothWays() {
        for text in [a, b, c, none] { #expect(SessionUUID(text)?.text == text) }
        for text in ["", "\(a)0", String(a.dropLast()), a.uppercased()] { #expect(SessionUUID(text) == nil) }
    }

    @Test func theNamesOfKeptDialogsTellOurs() {
        #expect(ActiveCall.uuid(inCallID: a)?.text == a)
        #expect(ActiveCall.uuid(inCallID: "\(a)-3")?.text == a)
        #expect(ActiveCall.uuid(inCallID: "left-m1") == nil)
        #expect(ActiveInboundCall.uuid(inLocal: "\"A\" <sip:a@gw.example>;tag=\(a)")?.text == a)
        #expect(ActiveInboundCall.uuid(inLocal: "<sip:a@gw.example>;tag=1") == nil)
    }
}

/// What our messages tell, after what the peer's have told.
@Suite("The identifier of a session")
struct SessionIdentifierTests {
    @Test(
        arguments: [
            ([], "\(a);remote=\(none)"),
            (["\(b);remote=\(a)"], "\(a);remote=\(b)"),
            // Whatever it says of us (§6).
            (["\(b);remote=\(none)"], "\(a);remote=\(b)"),
            (["\(b);remote=\(c)"], "\(a);remote=\(b)"),
            (["\(b)"], "\(a);remote=\(b)"),
            // The newest one counts (§8).
            (["\(b);remote=\(a)", "\(c);remote=\(a)"], "\(a);remote=\(c)"),
            // None, the nil one, and what is none changes nothing (§6).
            (
                ["\(b);remote=\(a)", nil, "\(none);remote=\(a)", "GARBAGE", "\(c.uppercased());remote=\(a)"],
                "\(a);remote=\(b)"
            ),
            // Implementations of RFC 7329 (§11): ours repeated as it was, or alone.
            (["\(a);remote=\(none)"], "\(a);remote=\(none)"),
            (["\(a)"], "\(a)"),
            (["\(a)", "\(a);remote=\(none)", nil], "\(a)"),
            (["\(a)", "\(b);remote=\(a)"], "\(a);remote=\(b)"),
        ] as [([String?], String)])
    func responses(told: [String?], expected: String) {
        var session = SessionIdentifier.sample
        for value in told { session.take(value.flatMap { SessionIDField($0) }) }
        #expect(session.line == "Session-ID: \(expected)")
    }

    @Test(
        arguments: [
            (nil, "\(a);remote=\(none)"), ("\(b);remote=\(none)", "\(a);remote=\(b)"),
            ("garbage", "\(a);remote=\(none)"),
            ("\(none);remote=\(none)", "\(a);remote=\(none)"),
            // §11: one UUID is the session's.
            ("\(b)", "\(b)"),
        ] as [(String?, String)])
    func callers(told: String?, expected: String) {
        let session = SessionIdentifier(own: .of(a), answering: told.flatMap { SessionIDField($0) })
        #expect(session.line == "Session-ID: \(expected)")
    }

    @Test func anotherDialogWithTheSamePeer() {
        #expect(SessionIdentifier(own: .of(a), peer: .of(b)).restarted.line == "Session-ID: \(a);remote=\(b)")
        #expect(SessionIdentifier(own: .of(a), peer: .of(a)).restarted.line == "Session-ID: \(a);remote=\(none)")
    }

    /// §8: a request's UUID is in its responses; what another transaction has told meanwhile is newer.
    @Test(
        arguments: [
            (nil, nil, b), ("\(c);remote=\(a)", nil, c), ("\(c);remote=\(a)", "\(none);remote=\(a)", c),
            ("\(c);remote=\(a)", "\(a.reversed().map(String.init).joined());remote=\(a)", String(a.reversed())),
            (nil, "\(c);remote=\(a)", c), ("garbage", nil, b),
        ] as [(String?, String?, String)])
    func requests(told: String?, meanwhile: String?, expected: String) {
        var session = SessionIdentifier(own: .of(a), peer: .of(b))
        let request = RequestIdentifier(session, told.flatMap { SessionIDField($0) })
        session.take(meanwhile.flatMap { SessionIDField($0) })
        #expect(request.response(session).line == "Session-ID: \(a);remote=\(expected)")
        #expect(request.response(session).own == session.own)
    }

    @Test func onlyWhoIsNotRefusedIsAccepted() {
        for status in [200, 202, 302] { #expect(RequestIdentifier.isAccepted(by: status)) }
        for status in [100, 180, 401, 488, 500, 603] { #expect(!RequestIdentifier.isAccepted(by: status)) }
    }

    @Test func linesFollowTheHeader() {
        let session = SessionIdentifier(own: .of(a), peer: .of(b))
        let long = "X: " + String(repeating: "ä", count: 5_000)
        for (more, others, rest) in [
            (nil, nil, ""), ("Reason: SIP;cause=200", nil, "\nReason: SIP;cause=200"), (nil, "X: y", "\nX: y"),
            ("P: q\nR: s", "X: y", "\nP: q\nR: s\nX: y"), (long, long, "\n\(long)\n\(long)"),
        ] as [(String?, String?, String)] {
            #expect(session.withLines(more, others) { String(cString: $0) } == session.line + rest)
        }
        let single = SessionIdentifier(own: .of(a), peer: .of(a))
        #expect(single.withLines("X: y") { String(cString: $0) } == "Session-ID: \(a)\nX: y")
    }
}
