import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What callers may do with subscriptions, and whose they see.
@Suite struct SubscriptionScopeTests {
    static let alice = PhoneNumber("+17085852753")
    static let events = ["session-status", "session-invitation", "registration-ends"]

    static func scopes(_ version: EventsVersion) -> Set<String> {
        Set(["read", "update", "delete"].map { "\(version.name):\($0)" } + events.map(version.createScope))
    }

    static func caller(_ number: PhoneNumber?, client: String = "app", scopes: Set<String>) -> Caller {
        Caller(client: client, identity: .verified(number), grant: .scopes(scopes))
    }

    /// The callers of these tests; `scopes` are Alice's.
    static func harness(_ version: EventsVersion, scopes: Set<String>? = nil) throws -> EventsHarness {
        let all = Self.scopes(version)
        return try EventsHarness(
            authenticator: AuthorizationTests.Names(callers: [
                "alice": caller(alice, scopes: scopes ?? all),
                "alice-elsewhere": caller(alice, client: "other", scopes: all),
                "bob": caller(PhoneNumber("+17085854000"), scopes: all),
                "machine": caller(nil, scopes: all),
            ]))
    }

    static func `as`(_ name: String) -> [(HeaderField, String)] { [(.authorization, "Bearer \(name)")] }

    @Test(arguments: EventsVersion.allCases)
    func withoutToken(version: EventsVersion) throws {
        let harness = try Self.harness(version)
        for (method, path) in [(HTTPMethod.post, ""), (.get, ""), (.get, "/A"), (.delete, "/A"), (.get, "/")] {
            let response = harness.respond(method, version.path + path, "nonsense")
            #expect(response.status == 401)
            #expect(response.code == "UNAUTHENTICATED")
            #expect(response.header("WWW-Authenticate") == "Bearer")
        }
    }

    @Test(arguments: EventsVersion.allCases)
    func readUpdateDelete(version: EventsVersion) throws {
        var rows = [
            (HTTPMethod.get, "", "read"), (.get, "/A", "read"), (.head, "/A", "read"), (.delete, "/A", "delete"),
            (.get, "/", "read"), (.delete, "", "delete"), (.get, "/%ff", "read"),
        ]
        if version != .v02 { rows += [(.put, "/A", "update"), (.put, "", "update"), (.put, "/%ff", "update")] }
        for (method, path, word) in rows {
            let needed = "\(version.name):\(word)"
            let without = try Self.harness(version, scopes: Self.scopes(version).subtracting([needed]))
            let refused = without.respond(method, version.path + path, "nonsense", fields: Self.as("alice"))
            #expect(refused.status == 403)
            #expect(refused.code == "PERMISSION_DENIED")
            #expect(refused.message.contains(needed))
            let with = try Self.harness(version, scopes: [needed])
            with.notifier.add(
                try version.subscription(owner: SessionOwner(client: "app", user: Self.alice)))
            let body = #"{"sinkCredential":\#(EventsSample.credential())}"#
            let allowed = with.respond(method, version.path + path, body, fields: Self.as("alice"))
            #expect(allowed.status < 300 || allowed.status == 400, "\(method) \(path): \(allowed.message)")
        }
    }

    @Test(arguments: EventsVersion.allCases, events)
    func createPerEventType(version: EventsVersion, event: String) throws {
        let needed = version.createScope(event)
        let body = version.body(["types": #"["\#(version.type(event))"]"#])
        let with = try Self.harness(version, scopes: [needed])
        #expect(with.respond(.post, version.path, body, fields: Self.as("alice")).status == 201)
        #expect(with.notifier.requests.map(\.owner) == [SessionOwner(client: "app", user: Self.alice)])
        let without = try Self.harness(version, scopes: Self.scopes(version).subtracting([needed]))
        let refused = without.respond(.post, version.path, body, fields: Self.as("alice"))
        #expect(refused.status == 403)
        #expect(refused.code == "PERMISSION_DENIED")
        #expect(refused.message.contains(needed))
        #expect(without.notifier.requests.isEmpty)
    }

    /// Several types need all of their scopes.
    @Test func everyTypeNeedsItsScope() throws {
        let version = EventsVersion.v03
        let body = version.body([
            "types": "[" + Self.events.map { "\"\(version.type($0))\"" }.joined(separator: ",") + "]"
        ])
        for missing in Self.events {
            let harness = try Self.harness(
                version, scopes: Self.scopes(version).subtracting([version.createScope(missing)]))
            let response = harness.respond(.post, version.path, body, fields: Self.as("alice"))
            #expect(response.status == 403)
            #expect(response.message.contains(missing))
        }
        let all = try Self.harness(version)
        #expect(all.respond(.post, version.path, body, fields: Self.as("alice")).status == 201)
    }

    /// The scopes of one name are not for the other.
    @Test func scopesBelongToTheMountsName() throws {
        for (version, other) in [(EventsVersion.v03, EventsVersion.subscriptionsV03), (.subscriptionsV03, .v03)] {
            let harness = try Self.harness(version, scopes: Self.scopes(other))
            #expect(harness.respond(.post, version.path, version.body(), fields: Self.as("alice")).status == 403)
            #expect(harness.respond(.get, version.path, fields: Self.as("alice")).status == 403)
        }
    }

    /// Who comes before what: any create scope, JSON, types, their scopes, form, the registration's owner.
    @Test func theOrderOfTheChecks() throws {
        let version = EventsVersion.v02
        let none = try Self.harness(version, scopes: ["\(version.name):read"])
        for body in ["", "nonsense", version.body(), version.body(["types": "[]"])] {
            let response = none.respond(.post, version.path, body, fields: Self.as("alice"))
            #expect(response.status == 403)
            #expect(response.message.contains("webrtc-events:org.camaraproject.webrtc-events.v0.<event>:create"))
        }
        let one = try Self.harness(version, scopes: [version.createScope("session-status")])
        one.registrations.add("R1", of: SessionOwner(client: "app", user: PhoneNumber("+17085854000")))
        func answer(_ changes: [String: String]) -> String {
            let response = one.respond(.post, version.path, version.body(changes), fields: Self.as("alice"))
            return [String(response.status), response.code].compactMap(\.self).joined(separator: " ")
        }
        let foreign = #""\#(version.type("session-invitation"))""#
        let own = #""\#(version.type("session-status"))""#
        #expect(one.respond(.post, version.path, "nonsense", fields: Self.as("alice")).status == 400)
        #expect(answer(["types": #"[\#(foreign),"x"]"#]) == "400 INVALID_ARGUMENT")
        #expect(answer(["types": "[\(foreign),\(own)]", "sink": "5"]) == "403 PERMISSION_DENIED")
        #expect(answer(["types": "[\(own),\(own)]", "sink": "5"]) == "422 MULTIEVENT_SUBSCRIPTION_NOT_SUPPORTED")
        #expect(answer(["sink": "5"]) == "400 INVALID_ARGUMENT")
        #expect(answer([:]) == "403 SUBSCRIPTION_MISMATCH")
    }

    /// v0.2 names a registration: nobody subscribes to somebody else's, and one that is not there may still come.
    @Test func registrationsOfOthers() throws {
        let version = EventsVersion.v02
        let harness = try Self.harness(version)
        harness.registrations.add("R1", of: SessionOwner(client: "app", user: Self.alice))
        for (name, status) in [("alice", 201), ("bob", 403), ("alice-elsewhere", 403), ("machine", 403)] {
            let response = harness.respond(.post, version.path, version.body(), fields: Self.as(name))
            #expect(response.status == status)
            if status == 403 {
                #expect(response.code == "SUBSCRIPTION_MISMATCH")
                #expect(response.message == "Inconsistent access token for requested events subscription.")
            }
        }
        #expect(harness.notifier.requests.count == 1)
        let toCome = version.body(["config": #"{"subscriptionDetail":{"registrationId":"R2"}}"#])
        #expect(harness.respond(.post, version.path, toCome, fields: Self.as("bob")).status == 201)
        // Without a registrar there is nothing to compare with.
        let alone = try RouterHarness(subscriptions: FakeSubscriptions())
        #expect(alone.respond(.post, version.path, version.body()).status == 201)
    }

    /// v0.3 names a device, which several clients may have registered: the id says nothing about who may subscribe.
    @Test func devicesOfOthers() throws {
        let version = EventsVersion.v03
        let harness = try Self.harness(version)
        harness.registrations.add(
            "R1", of: SessionOwner(client: "app", user: Self.alice), deviceID: EventsSample.device)
        #expect(harness.respond(.post, version.path, version.body(), fields: Self.as("bob")).status == 201)
    }

    @Test(arguments: EventsVersion.allCases)
    func subscriptionsAreTheirOwnersAlone(version: EventsVersion) throws {
        let harness = try Self.harness(version)
        harness.notifier.add(try version.subscription(owner: SessionOwner(client: "app", user: Self.alice)))
        #expect(harness.respond(.get, version.path + "/A", fields: Self.as("alice")).status == 200)
        #expect(harness.respond(.get, version.path, fields: Self.as("alice")).list?.count == 1)
        let unknown = harness.respond(.get, version.path + "/none", fields: Self.as("alice"))
        #expect(unknown.status == 404)
        for name in ["bob", "alice-elsewhere", "machine"] {
            var methods = [HTTPMethod.get, .delete]
            if version != .v02 { methods.append(.put) }
            for method in methods {
                let response = harness.respond(method, version.path + "/A", "nonsense", fields: Self.as(name))
                #expect(response == unknown, "\(name) \(method)")
            }
            #expect(harness.respond(.get, version.path, fields: Self.as(name)).list?.isEmpty == true)
        }
        #expect(harness.notifier.ended.isEmpty)
        #expect(harness.notifier.updates.isEmpty)
    }

    /// A subscription is seen where it was made.
    @Test func otherVersionsDoNotSeeIt() throws {
        let harness = try EventsHarness()
        for version in EventsVersion.allCases { harness.notifier.add(try version.subscription(version.rawValue)) }
        for version in EventsVersion.allCases {
            let ids = harness.respond(.get, version.path).list?.compactMap { $0["id"] as? String }
            #expect(ids == [version.rawValue])
            for other in EventsVersion.allCases {
                let status = harness.respond(.get, "\(version.path)/\(other.rawValue)").status
                #expect(status == (version == other ? 200 : 404))
            }
        }
    }
}
