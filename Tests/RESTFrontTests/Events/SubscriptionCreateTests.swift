import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite struct SubscriptionCreateTests {
    /// One rule: what is changed in a body that is right, and what v0.2 and v0.3 answer; `about` is in the message of an
    /// error. `$ns` stands for the API's name, `$detail` for the version's own `subscriptionDetail`.
    struct Rule: Sendable, CustomTestStringConvertible {
        var changes: [String: String]
        var v02: String
        var v03: String
        var about: String

        init(_ changes: [String: String], _ v02: String, _ v03: String? = nil, about: String = "") {
            self.changes = changes
            self.v02 = v02
            self.v03 = v03 ?? v02
            self.about = about
        }

        init(config members: String, _ v02: String, _ v03: String? = nil, about: String = "") {
            self.init(["config": "{\(members)}"], v02, v03, about: about)
        }

        var testDescription: String { changes.isEmpty ? "unchanged" : "\(changes)" }
    }

    static let ok = "201"
    static let argument = "400 INVALID_ARGUMENT"
    static let sink = "400 INVALID_SINK"
    static let range = "400 OUT_OF_RANGE"
    static let multievent = "422 MULTIEVENT_SUBSCRIPTION_NOT_SUPPORTED"

    @Test(arguments: [
        Rule([:], ok),
        // protocol
        Rule(["protocol": ""], argument, about: "protocol is required"),
        Rule(["protocol": "5"], argument, about: "protocol must be a string"),
        Rule(["protocol": "null"], argument, about: "protocol"),
        Rule(["protocol": #""MQTT3""#], "400 INVALID_PROTOCOL", about: "HTTP"),
        Rule(["protocol": #""http""#], "400 INVALID_PROTOCOL", about: "HTTP"),
        // protocolSettings
        Rule(["protocolSettings": "{}"], ok),
        Rule(["protocolSettings": #"{"method":"POST","headers":{}}"#], ok),
        Rule(["protocolSettings": #"{"method":"PUT"}"#], argument, about: "protocolSettings.method must be POST"),
        Rule(
            ["protocolSettings": #"{"headers":{"X-Api-Key":"k"}}"#], argument, about: "custom headers are not supported"
        ),
        Rule(["protocolSettings": #"{"headers":{"a":1}}"#], argument, about: "an object of strings"),
        Rule(["protocolSettings": "5"], argument, about: "protocolSettings must be an object"),
        Rule(["protocolSettings": #"{"colour":"blue"}"#], ok, argument, about: "protocolSettings.colour"),
        // types
        Rule(["types": ""], argument, about: "types is required"),
        Rule(["types": "[]"], argument, about: "types must not be empty"),
        Rule(["types": #""org.camaraproject.$ns.v0.session-status""#], argument, about: "an array of strings"),
        Rule(["types": #"["org.camaraproject.$ns.v0.session-status",5]"#], argument, about: "an array of strings"),
        Rule(["types": #"["org.camaraproject.$ns.v0.session-ended"]"#], argument, about: "no event type of this API"),
        Rule(["types": #"["org.camaraproject.$ns.v1.session-status"]"#], argument, about: "no event type of this API"),
        Rule(
            ["types": #"["org.camaraproject.$ns.v0.subscription-ended"]"#], argument, about: "without being subscribed"),
        Rule(["types": #"["org.camaraproject.$ns.v0.session-invitation"]"#], ok),
        Rule(["types": #"["org.camaraproject.$ns.v0.registration-ends"]"#], ok),
        Rule(
            ["types": #"["org.camaraproject.$ns.v0.session-status","org.camaraproject.$ns.v0.session-invitation"]"#],
            multievent, ok, about: "one event type"),
        Rule(
            ["types": #"["org.camaraproject.$ns.v0.session-status","org.camaraproject.$ns.v0.session-status"]"#],
            multievent, argument, about: "event type"),
        Rule(
            [
                "types": #"""
                ["org.camaraproject.$ns.v0.session-status","org.camaraproject.$ns.v0.session-invitation",
                "org.camaraproject.$ns.v0.registration-ends","org.camaraproject.$ns.v0.session-status"]
                """#
            ], multievent, argument, about: "event type"),
        Rule(
            ["types": #"["org.camaraproject.$ns.v0.session-status","org.camaraproject.$ns.v0.nothing"]"#],
            argument, about: "no event type of this API"),
        // config
        Rule(["config": ""], argument, about: "config is required"),
        Rule(["config": "[]"], argument, about: "config must be an object"),
        Rule(config: "", argument, about: "config.subscriptionDetail is required"),
        Rule(config: #""subscriptionDetail":{}"#, argument, about: "is required"),
        Rule(config: #""subscriptionDetail":"x""#, argument, about: "config.subscriptionDetail must be an object"),
        Rule(config: #""subscriptionDetail":$detail,"colour":1"#, ok, argument, about: "config.colour"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionExpireTime":"2024-12-06T14:37:56Z""#, ok),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionExpireTime":"2023-11-14T23:13:21+01:00""#, ok),
        Rule(
            config: #""subscriptionDetail":$detail,"subscriptionExpireTime":"2023-11-14T23:13:20+01:00""#, argument,
            about: "must be in the future"),
        Rule(
            config: #""subscriptionDetail":$detail,"subscriptionExpireTime":"2024-12-06T14:37:56""#, argument,
            about: "time zone"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionExpireTime":"tomorrow""#, argument, about: "RFC 3339"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionExpireTime":1733495876"#, argument, about: "a string"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":1"#, ok),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":1000000"#, ok),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":0"#, range, about: "between 1 and 1000000"),
        Rule(
            config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":-1"#, range, about: "between 1 and 1000000"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":1000001"#, range, about: "between 1 and"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":1.5"#, argument, about: "an integer"),
        Rule(config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":"5""#, argument, about: "an integer"),
        Rule(
            config: #""subscriptionDetail":$detail,"subscriptionMaxEvents":99999999999999999999"#, argument,
            about: "an integer"),
        Rule(config: #""subscriptionDetail":$detail,"initialEvent":true"#, ok),
        Rule(config: #""subscriptionDetail":$detail,"initialEvent":"true""#, argument, about: "a boolean"),
        Rule(config: #""subscriptionDetail":$detail,"initialEvent":1"#, argument, about: "a boolean"),
        // subscriptionDetail: v0.2 asks for the registration, v0.3 for the device.
        Rule(config: #""subscriptionDetail":{"registrationId":"R1"}"#, ok, argument, about: "deviceId is required"),
        Rule(
            config: #""subscriptionDetail":{"registrationId":""}"#, argument, about: "registrationId must not be empty"),
        Rule(config: #""subscriptionDetail":{"registrationId":5}"#, argument, about: "registrationId must be a string"),
        Rule(config: #""subscriptionDetail":{"registrationId":"a\nb"}"#, argument, about: "control characters"),
        Rule(
            config: #""subscriptionDetail":{"registrationId":"R1","deviceId":"phone","sessionId":"0A"}"#, ok, argument,
            about: "deviceId must be a UUID"),
        Rule(
            config: #""subscriptionDetail":{"registrationId":"R1","deviceId":"\#(EventsSample.device)"}"#, ok, ok),
        Rule(
            config: #""subscriptionDetail":{"registrationId":"R1","sessionId":"0A","mediaSessionId":"0B"}"#, argument,
            argument, about: "config.subscriptionDetail"),
        Rule(
            config: #""subscriptionDetail":{"deviceId":"\#(EventsSample.device)"}"#, argument, ok,
            about: "registrationId is required"),
        Rule(
            config: #""subscriptionDetail":{"deviceId":"\#(EventsSample.device.uppercased())"}"#, argument, ok,
            about: "registrationId is required"),
        Rule(
            config: #""subscriptionDetail":{"deviceId":"\#(EventsSample.device)0"}"#, argument,
            about: "config.subscriptionDetail"),
        Rule(
            config: #""subscriptionDetail":{"deviceId":"7d4448409dc011d1b2455ffdce74fad2"}"#, argument,
            about: "config.subscriptionDetail"),
        Rule(
            config: #""subscriptionDetail":{"registrationId":"R1","deviceId":"\#(EventsSample.device)","colour":1}"#,
            ok,
            argument, about: "config.subscriptionDetail.colour"),
        Rule(
            config: #""subscriptionDetail":{"deviceId":"\#(EventsSample.device)","sessionId":5}"#, argument,
            about: "sessionId must be a string"),
        // Unknown properties.
        Rule(["colour": #""blue""#], ok, argument, about: #""colour" is not a property of this API"#),
    ])
    func rules(rule: Rule) throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            let changes = rule.changes.mapValues {
                $0.replacingOccurrences(of: "$ns", with: version.name)
                    .replacingOccurrences(of: "$detail", with: version.detail)
            }
            let response = harness.respond(.post, version.path, version.body(changes))
            let answer = [String(response.status), response.code].compactMap(\.self).joined(separator: " ")
            #expect(answer == (version == .v02 ? rule.v02 : rule.v03), "\(version): \(response.message)")
            #expect(harness.notifier.requests.count == (response.status == 201 ? 1 : 0))
            if response.status != 201 { #expect(response.message.contains(rule.about)) }
        }
    }

    /// A sink, and whether v0.2 and v0.3 take it.
    @Test(arguments: [
        (#""https://sink.example/events?a=b""#, ok, ok),
        (#""HTTPS://sink.example:8443""#, ok, ok),
        (#""https://[2001:db8::1]/""#, ok, ok),
        ("", argument, argument),
        ("5", argument, argument),
        ("null", argument, argument),
        (#""""#, sink, sink),
        (#""invalid-url""#, sink, sink),
        (#""http://sink.example/events""#, sink, sink),
        (#""mqtts://sink.example""#, sink, sink),
        (#""https://""#, sink, sink),
        (#""https://user:secret@sink.example/""#, sink, sink),
        (#""https://sink.example/#part""#, sink, sink),
        (#""https://sink.example:99999/""#, sink, sink),
        (#""https://sink .example/""#, sink, sink),
        (#""https://sink.example/\r\nX: y""#, sink, sink),
        (#""https://sink.example/é""#, sink, sink),
        ("\"https://sink.example/" + String(repeating: "a", count: 1_003) + "\"", ok, ok),
        ("\"https://sink.example/" + String(repeating: "a", count: 1_004) + "\"", ok, sink),
        ("\"https://sink.example/" + String(repeating: "a", count: 2_027) + "\"", ok, sink),
        ("\"https://sink.example/" + String(repeating: "a", count: 2_028) + "\"", sink, sink),
    ])
    func sinks(text: String, v02: String, v03: String) throws {
        for version in EventsVersion.allCases {
            let harness = try EventsHarness()
            let response = harness.respond(.post, version.path, version.body(["sink": text]))
            let answer = [String(response.status), response.code].compactMap(\.self).joined(separator: " ")
            #expect(answer == (version == .v02 ? v02 : v03), "\(version): \(response.message)")
            if response.status == 400 {
                #expect(response.message.hasPrefix("sink "))
                #expect(!response.message.contains("secret"))
            }
        }
    }

    /// Types are the mount's own: the other name's are unknown.
    @Test func eachMountHasItsOwnTypes() throws {
        let harness = try EventsHarness()
        for version in EventsVersion.allCases {
            for other in EventsVersion.allCases {
                let body = version.body(["types": #"["\#(other.type("session-status"))"]"#])
                let status = harness.respond(.post, version.path, body).status
                #expect(status == (version.namespace == other.namespace ? 201 : 400))
            }
        }
    }

    @Test func whatV02AsksOfTheNotifier() throws {
        let harness = try EventsHarness()
        let body = EventsVersion.v02.body([
            "sinkCredential": EventsSample.credential(),
            "config": """
            {"subscriptionDetail":{"registrationId":"R1","deviceId":"phone","mediaSessionId":"0A"},"initialEvent":true,
            "subscriptionMaxEvents":50,"subscriptionExpireTime":"\(EventsSample.expiry)"}
            """,
        ])
        let response = harness.respond(
            .post, EventsVersion.v02.path, body, fields: [(.correlator, "my-correlator")])
        #expect(response.status == 201)
        let expected = SubscriptionRequest(
            owner: SessionOwner(client: "anonymous"), types: [EventType(.sessionStatus)],
            detail: Subscription.Detail(deviceID: "phone", registrationID: "R1", sessionID: SessionID(rawValue: "0A")),
            sink: try SinkURL("https://sink.example/events"),
            credential: try SinkCredential(accessToken: EventsSample.token, expiresAt: EventsSample.expiryDate),
            expiresAt: EventsSample.expiryDate, maximumEvents: 50, initialEvent: true, dialect: .v02,
            correlator: "my-correlator")
        #expect(harness.notifier.requests == [expected])
    }

    /// What r2.2 alone has is accepted; `subscriptionDetail` keeps only what v0.3 knows.
    @Test func whatV03AsksOfTheNotifier() throws {
        for version in [EventsVersion.v03, .subscriptionsV03] {
            let harness = try EventsHarness()
            let kinds = ["registration-ends", "session-invitation", "session-status"]
            let body = version.body([
                "types": "[" + kinds.map { "\"\(version.type($0))\"" }.joined(separator: ",") + "]",
                "protocolSettings": #"{"method":"POST"}"#,
                "config": """
                {"subscriptionDetail":{"deviceId":"\(EventsSample.device)","registrationId":"R1","sessionId":"0A",
                "mediaSessionId":"0B"},"initialEvent":true,"subscriptionMaxEvents":50,
                "subscriptionExpireTime":"\(EventsSample.expiry)"}
                """,
            ])
            #expect(harness.respond(.post, version.path, body).status == 201)
            let expected = SubscriptionRequest(
                owner: SessionOwner(client: "anonymous"),
                types: [.registrationEnds, .sessionInvitation, .sessionStatus].map {
                    EventType($0, in: version.namespace)
                },
                detail: Subscription.Detail(deviceID: EventsSample.device),
                sink: try SinkURL("https://sink.example/events"), expiresAt: EventsSample.expiryDate,
                maximumEvents: 50, initialEvent: true, dialect: .v03, correlator: "generated")
            #expect(harness.notifier.requests == [expected])
        }
    }

    /// The notifier's own refusals come through as they are.
    @Test(arguments: [
        CAMARAError(400, .invalidSink, "sink must not be at a private, local or reserved address."),
        CAMARAError(429, .quotaExceeded, "Too many subscriptions.", retryAfter: 60),
        CAMARAError(503, .unavailable, "Try later.", retryAfter: 5),
    ])
    func errorsOfTheNotifier(error: CAMARAError) throws {
        let harness = try EventsHarness()
        harness.notifier.fail(error)
        let response = harness.respond(.post, EventsVersion.v03.path, EventsVersion.v03.body())
        #expect(response.status == error.status)
        #expect(response.code == error.code.rawValue)
        #expect(response.message == error.message)
        #expect(response.header("Retry-After") == error.retryAfter.map(String.init))
    }
}
