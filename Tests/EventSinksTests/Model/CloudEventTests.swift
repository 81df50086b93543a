import CallCore
import EventSinks
import Foundation
import Testing

@Suite struct CloudEventTests {
    private func object(_ event: CloudEvent) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(event.json)) as? [String: Any])
    }

    private func event(_ body: CloudEvent.Body, in namespace: EventType.Namespace = .webrtcEvents) -> CloudEvent {
        CloudEvent(id: "e1", source: "https://gateway.example/x", namespace: namespace, time: Samples.time, body: body)
    }

    private func data(_ dialect: EventDialect, offerRequired: Bool = false) -> SessionEventData {
        SessionEventData(
            Samples.session(.busy, reason: "SIP 486 Busy Here"), subscription: SubscriptionID(rawValue: "s1"),
            dialect: dialect, sequenceNumber: 7, offerRequired: offerRequired)
    }

    @Test func hasTheEnvelopeOfCloudEvents() throws {
        let object = try object(event(.sessionStatus(data(.v02))))
        #expect(Set(object.keys) == ["id", "source", "type", "specversion", "datacontenttype", "time", "data"])
        #expect(object["id"] as? String == "e1")
        #expect(object["source"] as? String == "https://gateway.example/x")
        #expect(object["specversion"] as? String == "1.0")
        #expect(object["datacontenttype"] as? String == "application/json")
        #expect(object["time"] as? String == "2024-11-05T05:40:23.682Z")
        #expect(object["type"] as? String == "org.camaraproject.webrtc-events.v0.session-status")
    }

    @Test func tellsTheWholeSessionInV02() throws {
        let data = try #require(
            try object(event(.sessionInvitation(data(.v02, offerRequired: true))))["data"] as? [String: Any])
        #expect(
            Set(data.keys) == [
                "subscriptionId", "originatorAddress", "originatorName", "receiverAddress", "receiverName", "status",
                "offer",
                "answer", "clientCorrelator", "mediaSessionId", "offerRequired", "reason", "sequenceNumber",
            ])
        #expect(data["status"] as? String == "Busy")
        #expect((data["offer"] as? [String: String]) == ["sdp": Samples.sdp])
        #expect(data["sequenceNumber"] as? Int == 7)
        #expect(data["mediaSessionId"] as? String == "0AEE1B58")
        #expect(data["subscriptionId"] as? String == "s1")
        #expect(data["offerRequired"] as? Bool == true)
        #expect(data["reason"] as? String == "SIP 486 Busy Here")
    }

    @Test func leavesOutWhatV03DoesNotHave() throws {
        let data = try #require(
            try object(event(.sessionStatus(data(.v03, offerRequired: true))))["data"] as? [String: Any])
        #expect(data["clientCorrelator"] == nil)
        #expect(data["offerRequired"] == nil)
        #expect(data["reason"] as? String == "SIP 486 Busy Here")
    }

    @Test func leavesOutWhatIsNotThere() throws {
        let session = Session(
            id: SessionID(rawValue: "m"), owner: SessionOwner(client: "c"), originatorAddress: "tel:+12345678",
            receiverAddress: "tel:+12345679")
        let data = SessionEventData(
            session, subscription: SubscriptionID(rawValue: "s"), dialect: .v02, sequenceNumber: 1)
        let object = try #require(try object(event(.sessionStatus(data)))["data"] as? [String: Any])
        #expect(
            Set(object.keys) == [
                "subscriptionId", "originatorAddress", "receiverAddress", "status", "mediaSessionId", "sequenceNumber",
            ])
    }

    @Test func tellsEndings() throws {
        let id = SubscriptionID(rawValue: "s1")
        let registration = try object(
            event(
                .registrationEnds(
                    RegistrationEndsData(
                        subscription: id, registration: "r1", reason: .registrationExpired, description: "expired")),
                in: .webrtcEventsSubscriptions))
        #expect(registration["type"] as? String == "org.camaraproject.webrtc-events-subscriptions.v0.registration-ends")
        #expect(
            registration["data"] as? [String: String] == [
                "subscriptionId": "s1", "registrationId": "r1", "terminationReason": "REGISTRATION_EXPIRED",
                "terminationDescription": "expired",
            ])
        let subscription = try object(
            event(.subscriptionEnded(SubscriptionEndedData(subscription: id, reason: .accessTokenExpired))))
        #expect(subscription["type"] as? String == "org.camaraproject.webrtc-events.v0.subscription-ended")
        #expect(
            subscription["data"] as? [String: String] == [
                "subscriptionId": "s1", "terminationReason": "ACCESS_TOKEN_EXPIRED",
            ])
    }

    @Test func survivesTheStore() throws {
        let id = SubscriptionID(rawValue: "s1")
        let bodies: [CloudEvent.Body] = [
            .sessionInvitation(data(.v02, offerRequired: true)), .sessionStatus(data(.v03)),
            .registrationEnds(RegistrationEndsData(subscription: id, registration: "r", reason: .networkTerminated)),
            .subscriptionEnded(SubscriptionEndedData(subscription: id, reason: .maximumEventsReached)),
        ]
        for body in bodies {
            let event = event(body, in: .webrtcEventsSubscriptions)
            #expect(try JSONDecoder().decode(CloudEvent.self, from: Data(event.json)) == event)
        }
    }

    @Test func readsEveryTypeAndNoOther() {
        for namespace in EventType.Namespace.allCases {
            for kind in EventType.Kind.allCases {
                let type = EventType(kind, in: namespace)
                #expect(type.text == "org.camaraproject.\(namespace.rawValue).v0.\(kind.rawValue)")
                #expect(EventType(type.text) == type)
                #expect(type.isSubscribable == (kind != .subscriptionEnded))
            }
        }
        #expect(EventType("org.camaraproject.webrtc-events.v1.session-status") == nil)
        #expect(EventType("session-status") == nil)
    }
}

@Suite struct SinkCredentialTests {
    @Test func neverPrintsItsToken() throws {
        let credential = try SinkCredential(accessToken: "s3cr3t", expiresAt: Samples.time)
        let subscription = Subscription(
            id: SubscriptionID(rawValue: "s"), owner: SessionOwner(client: "c"), types: [EventType(.sessionStatus)],
            detail: .init(deviceID: "d"), sink: try SinkURL("https://sink.example/pa7h"), credential: credential,
            createdAt: Samples.time, dialect: .v03)
        var dumped = ""
        dump(subscription, to: &dumped)
        dump(credential, to: &dumped)
        for text in [
            "\(credential)", String(reflecting: credential), "\(subscription)", String(reflecting: subscription),
            dumped,
        ] {
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "a\u{0}", "tökén", String(repeating: "a", count: 8_193)])
    func refusesWhatIsNoHeaderValue(token: String) {
        #expect(throws: SinkCredential.Malformed.self) {
            try SinkCredential(accessToken: token, expiresAt: Samples.time)
        }
    }

    @Test func expiresAtItsMoment() throws {
        let credential = try SinkCredential(accessToken: "t", expiresAt: Samples.time)
        #expect(!credential.isExpired(at: Samples.time.addingTimeInterval(-0.001)))
        #expect(credential.isExpired(at: Samples.time))
    }
}

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0.0), ("2024-11-05T05:40:23.682Z", 1_730_785_223.682),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199.999), ("2000-03-01T00:00:00.000Z", 951_868_800),
        ("1969-12-31T23:59:59.999Z", -0.001), ("0000-01-01T00:00:00.000Z", -62_167_219_200),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
    ])
    func writesAndReads(text: String, seconds: Double) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(RFC3339.text(date) == text)
        #expect(RFC3339.date(text).map { abs($0.timeIntervalSince1970 - seconds) < 0.000_5 } == true)
    }

    @Test(arguments: [
        ("2023-07-03T12:27:08Z", 1_688_387_228.0), ("2023-07-03t12:27:08z", 1_688_387_228),
        ("2023-07-03T14:27:08+02:00", 1_688_387_228), ("2023-07-03T06:57:08.5-05:30", 1_688_387_228.5),
        ("2023-07-03T12:27:08.1234567Z", 1_688_387_228.123), ("2016-12-31T23:59:60Z", 1_483_228_800),
    ])
    func readsOtherForms(text: String, seconds: Double) {
        #expect(RFC3339.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "2023-07-03", "2023-07-03T12:27:08", "2023-07-03 12:27:08Z", "2023-13-03T12:27:08Z", "2023-02-29T12:27:08Z",
        "2023-07-03T24:00:00Z", "2023-07-03T12:60:08Z", "2023-07-03T12:27:61Z", "2023-07-03T12:27:08.Z",
        "2023-07-03T12:27:08+0200", "2023-07-03T12:27:08+24:00", "2023-07-03T12:27:08Zx", "+023-07-03T12:27:08Z",
        "2023-07-00T12:27:08Z",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(RFC3339.date(text) == nil)
    }

    @Test func clampsWhatHasNoText() {
        #expect(RFC3339.text(.distantFuture.addingTimeInterval(1e15)) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.text(Date(timeIntervalSince1970: -.infinity)) == "0000-01-01T00:00:00.000Z")
        #expect(RFC3339.text(Date(timeIntervalSince1970: .nan)) == "1970-01-01T00:00:00.000Z")
    }
}
