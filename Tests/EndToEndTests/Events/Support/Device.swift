import Foundation
import TestPeer
import TestSink
import Testing

/// An application on one device: its user's number, its token, and what it asks the three APIs for.
struct Device: Sendable {
    let scene: Scene
    let release: Release
    /// The application's name for it; 0.4 wants a UUID.
    let id: String
    /// The user's number.
    let number: String
    private let authorization: WireMessage.Header

    /// A device of a user nobody else is, unless a test wants one that pretends.
    init(
        _ scene: Scene, _ release: Release, id: String = UUID().uuidString.lowercased(),
        number: String = Numbers.next("+4915"), client: String = "app-1"
    ) throws {
        self.scene = scene
        self.release = release
        self.id = id
        self.number = number
        let token = try scene.issuer.token(scopes: Release.scopes, phoneNumber: number, client: client)
        authorization = .init("Authorization", "Bearer \(token)")
    }

    /// The same device, talking to another run of the gateway.
    func moved(to scene: Scene) -> Device { Device(scene, like: self) }

    private init(_ scene: Scene, like other: Device) {
        self.scene = scene
        release = other.release
        id = other.id
        number = other.number
        authorization = other.authorization
    }

    /// Sends a request with the device's token.
    func send(
        _ method: String, _ path: String, headers: [WireMessage.Header] = [], json: JSONValue? = nil
    ) async throws -> HTTPResponse {
        try await scene.http.send(method, path, headers: [authorization] + headers, json: json)
    }

    // MARK: - Registration

    /// Registers and returns the `registrationId`.
    func register(for life: Duration? = nil) async throws -> String {
        var body: JSONValue = ["deviceId": .string(id)]
        if let life { body["registrationExpireTime"] = .string(Device.time(in: life)) }
        let response = try await send("POST", release.registrations, json: body)
        try #require(response.status == (release == .r2 ? 200 : 201), "\(response.text)")
        return try #require(response.json["registrationId"]?.string, "\(response.text)")
    }

    // MARK: - Subscription

    /// What a subscription asks for besides the sink.
    struct Wish: Sendable {
        var kind = "session-status"
        var registration: String?
        var session: String?
        var life: Duration?
        var maximum: Int?
        var token: String?
        var tokenLife: Duration = .seconds(3_600)
    }

    /// The body of a subscription. r2.2 names the registration, later releases the device.
    func subscriptionBody(to sink: String, _ wish: Wish) -> JSONValue {
        var detail: JSONValue = [:]
        if release.detailNamesRegistration {
            detail["registrationId"] = wish.registration.map { .string($0) }
            detail["mediaSessionId"] = wish.session.map { .string($0) }
        } else {
            detail["deviceId"] = .string(id)
        }
        var config: JSONValue = ["subscriptionDetail": detail]
        config["subscriptionExpireTime"] = wish.life.map { .string(Device.time(in: $0)) }
        config["subscriptionMaxEvents"] = wish.maximum.map { .number(Double($0)) }
        var body: JSONValue = [
            "protocol": "HTTP", "sink": .string(sink), "types": [.string(release.type(wish.kind))], "config": config,
        ]
        if let token = wish.token {
            body["sinkCredential"] = [
                "credentialType": "ACCESSTOKEN", "accessToken": .string(token), "accessTokenType": "bearer",
                "accessTokenExpiresUtc": .string(Device.time(in: wish.tokenLife)),
            ]
        }
        return body
    }

    /// Subscribes and returns the subscription's id.
    func subscribe(to sink: String, _ wish: Wish) async throws -> String {
        let body = subscriptionBody(to: sink, wish)
        let response = try await send("POST", release.subscriptions, json: body)
        try #require(response.status == 201, "\(response.text)")
        return try #require(response.json["id"]?.string, "\(response.text)")
    }

    // MARK: - Calls

    /// POSTs a session to `number`.
    func call(_ number: String, registration: String?) async throws -> HTTPResponse {
        try await send(
            "POST", release.sessions, headers: registration.map { [.init("registrationId", $0)] } ?? [],
            json: [
                "originatorAddress": .string("tel:\(self.number)"), "originatorName": "Alice",
                "receiverAddress": .string("tel:\(number)"), "receiverName": "Bob",
                "offer": ["sdp": .string(SDP.offer())],
            ])
    }

    /// Makes a call that rings and is then busy: two events of one session. A call that fails before its POST is answered
    /// has no session and no event.
    func callSomebodyBusy(registration: String) async throws {
        let attempt = scene.attempt()
        async let reply = call(attempt.number, registration: registration)
        let invite = try await attempt.call.invite()
        invite.respond(180)
        _ = try sessionID(of: try await reply)
        invite.respond(486)
        _ = try await attempt.call.request(.ack)
    }

    /// The `mediaSessionId` of a 201.
    func sessionID(of response: HTTPResponse) throws -> String {
        try #require(response.status == 201, "\(response.text)")
        return try #require(response.json["mediaSessionId"]?.string, "\(response.text)")
    }

    /// `life` from now, as RFC 3339 has it, to the millisecond.
    static func time(in life: Duration) -> String {
        let date = Date.now.addingTimeInterval(life / .seconds(1))
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
