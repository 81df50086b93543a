import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What a provider's answer is taken for, and who waits for it, without a socket.
@Suite struct IntrospectionTests {
    static let now = 1_800_000_000.0

    static let rules = Introspection.Rules(
        claims: ClaimRules(
            phoneNumberClaim: "phone_number", clientClaims: ["client_id", "azp", "sub"], leeway: 60),
        issuer: "https://idp.example", audience: "gateway", longestMemory: 60)

    private func word(_ body: String) -> Introspection {
        Introspection(Data(body.utf8), Self.rules, at: Self.now)
    }

    @Test(arguments: [
        (#"{"active":true,"client_id":"app"}"#, 60.0),
        (#"{"active":true,"client_id":"app","exp":1800000010}"#, 10),
        (#"{"active":true,"client_id":"app","exp":1800009999}"#, 60),
        (#"{"active":true,"client_id":"app","exp":null,"iss":null,"aud":null,"nbf":null}"#, 60),
        (#"{"active":true,"client_id":"app","iss":"https://idp.example","aud":["x","gateway"]}"#, 60),
        (#"{"active":true,"client_id":"app","aud":"gateway","nbf":1800000060,"token_type":"bearer"}"#, 60),
        (#"{"active":true,"client_id":"app","token_type":"Bearer","token_use":"access_token"}"#, 60),
    ])
    func active(body: String, seconds: Double) {
        let caller = Caller(client: "app", identity: .verified(nil), grant: .scopes([]))
        #expect(word(body) == .active(caller, seconds: seconds))
    }

    @Test func whatItSaysOfTheCaller() {
        let body = #"{"active":true,"azp":"app","phone_number":"tel:+17085852753","scope":"a b","x":{"y":[1]}}"#
        let caller = Caller(
            client: "app", identity: .verified(PhoneNumber("+17085852753")), grant: .scopes(["a", "b"]))
        #expect(word(body) == .active(caller, seconds: 60))
    }

    @Test(arguments: [
        #"{"active":false}"#, #"{"active":false,"client_id":"app"}"#, #"{"active":true}"#,
        #"{"active":true,"client_id":""}"#, #"{"active":true,"client_id":5,"sub":"user"}"#,
        #"{"active":true,"client_id":"app","exp":1800000000}"#,
        #"{"active":true,"client_id":"app","exp":"1900000000"}"#,
        #"{"active":true,"client_id":"app","nbf":1800000061}"#,
        #"{"active":true,"client_id":"app","iss":"https://other.example"}"#,
        #"{"active":true,"client_id":"app","iss":["https://idp.example"]}"#,
        #"{"active":true,"client_id":"app","aud":"other"}"#, #"{"active":true,"client_id":"app","aud":[]}"#,
        #"{"active":true,"client_id":"app","phone_number":"alice"}"#,
        #"{"active":true,"client_id":"app","phone_number":17085852753}"#,
        #"{"active":true,"client_id":"app","token_type":"DPoP"}"#,
        #"{"active":true,"client_id":"app","token_use":"refresh_token"}"#,
    ])
    func inactive(body: String) {
        #expect(word(body) == .inactive)
    }

    @Test(arguments: [
        "", "<html>", "[]", "{}", "true", #"{"active":"true"}"#, #"{"active":1}"#, #"{"active":null}"#,
        #"{"active":true"#,
    ])
    func unknown(body: String) {
        guard case .unknown(.unreadable) = word(body) else {
            Issue.record("\(body) was taken")
            return
        }
    }

    @Test func issuerAndAudienceAreCheckedWhereConfigured() {
        var rules = Self.rules
        (rules.issuer, rules.audience) = (nil, nil)
        let body = Data(#"{"active":true,"client_id":"app","iss":"https://other.example","aud":"other"}"#.utf8)
        guard case .active = Introspection(body, rules, at: Self.now) else {
            Issue.record("refused")
            return
        }
    }

    // MARK: - Who waits

    private static func digest(_ token: String) -> TokenDigest { TokenDigest(token[...]) }

    private struct Desk {
        static let second: UInt64 = 1_000_000_000
        var table: Introspections<Int>

        init(inFlight: Int = 2, waiting: Int = 100) {
            table = Introspections(.init(inFlight: inFlight, waiting: waiting, patience: 2 * Desk.second))
        }

        mutating func join(_ token: String, _ waiter: Int, at seconds: Double = 0) -> Introspections<Int>.Joined {
            table.join(digest(token), token: token[...], waiter, at: UInt64(seconds * 1e9))
        }

        mutating func finish(_ token: String, at seconds: Double = 0) -> (told: [Int], late: [Int], next: [String]) {
            let finished = table.finish(digest(token), at: UInt64(seconds * 1e9))
            return (finished.told, finished.tooLate, finished.next.map(\.token))
        }
    }

    @Test func oneQuestionForATokenHoweverManyWait() {
        var desk = Desk()
        var asked = 0
        for waiter in 0..<100 {
            switch desk.join("a", waiter) {
            case .ask(let question):
                asked += 1
                #expect(question.token == "a")
                #expect(question.patience == 2 * Desk.second)
            case .waits: break
            case .full: Issue.record("full")
            }
        }
        #expect(asked == 1)
        let finished = desk.finish("a")
        #expect(finished.told == Array(0..<100))
        #expect(desk.table.waiting == 0)
        #expect(desk.table.inFlight == 0)
    }

    @Test func questionsBeyondTheLimitWaitTheirTurn() {
        var desk = Desk()
        for (index, token) in ["a", "b", "c", "d", "c"].enumerated() { _ = desk.join(token, index) }
        #expect(desk.table.inFlight == 2)
        var finished = desk.finish("b", at: 1)
        #expect(finished.told == [1])
        #expect(finished.next == ["c"])
        finished = desk.finish("c", at: 1.5)
        #expect(finished.told == [2, 4])
        #expect(finished.next == ["d"])
        #expect(desk.finish("a", at: 1.5).told == [0])
        #expect(desk.finish("d", at: 1.5).told == [3])
        #expect((desk.table.waiting, desk.table.inFlight) == (0, 0))
    }

    @Test func theTurnComesOutOfTheSamePatience() {
        var desk = Desk(inFlight: 1)
        _ = desk.join("a", 0)
        _ = desk.join("late", 1, at: 0)
        _ = desk.join("b", 2, at: 1.5)
        let finished = desk.table.finish(Self.digest("a"), at: 2 * Desk.second)
        #expect(finished.tooLate == [1])
        #expect(finished.next.map(\.token) == ["b"])
        #expect(finished.next.map(\.patience) == [3 * Desk.second / 2])
        #expect(desk.table.waiting == 1)
    }

    @Test func whoLeavesFreesItsPlace() {
        var desk = Desk(inFlight: 1, waiting: 4)
        for (index, token) in ["a", "b", "b", "c"].enumerated() { _ = desk.join(token, index) }
        #expect(desk.join("d", 4) == .full)
        desk.table.leave(Self.digest("b")) { $0 == 1 }
        desk.table.leave(Self.digest("b")) { $0 == 1 }
        #expect(desk.table.waiting == 3)
        desk.table.leave(Self.digest("b")) { $0 == 2 }
        desk.table.leave(Self.digest("a")) { $0 == 0 }
        #expect(desk.table.waiting == 1)
        // The question on its way is still one; who asks the same meanwhile waits for it.
        #expect(desk.table.inFlight == 1)
        #expect(desk.join("a", 5) == .waits)
        #expect(desk.join("b", 6) == .waits)
        let finished = desk.finish("a")
        #expect(finished.told == [5])
        #expect(finished.next == ["c"])
        #expect(desk.finish("c").next == ["b"])
        #expect(desk.finish("b").told == [6])
        desk.table.leave(Self.digest("b")) { $0 == 6 }
        #expect((desk.table.waiting, desk.table.inFlight) == (0, 0))
    }

    @Test func waitersAreBounded() {
        var desk = Desk(inFlight: 1, waiting: 3)
        let joined = ["a", "b", "a", "c", "a"].enumerated().map { desk.join($1, $0) }
        #expect(joined[3] == .full)
        #expect(joined[4] == .full)
        let finished = desk.finish("a")
        #expect(finished.told == [0, 2])
        #expect(desk.join("c", 5) == .waits)
        #expect(desk.finish("b").next == ["c"])
        #expect(desk.finish("c").told == [5])
        #expect(desk.table.waiting == 0)
    }

    @Test func aDigestIsTheTokens() {
        #expect(Self.digest("a") == Self.digest("a"))
        #expect(Self.digest("a") != Self.digest("b"))
        #expect(Set((0..<1_000).map { Self.digest("t\($0)") }).count == 1_000)
    }
}
