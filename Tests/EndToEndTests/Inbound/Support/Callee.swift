import TestPeer
import TestSink
import Testing

/// A device that can be called: registered, and told invitations and statuses at a sink of its own.
struct Callee: Sendable {
    let device: Device
    let registration: String
    let inbox: EventInbox

    var scene: Scene { device.scene }
    var release: Release { device.release }

    /// Registers `device` and subscribes it. A subscription of r2.2 has one type.
    init(_ device: Device) async throws {
        self.device = device
        inbox = try EventInbox()
        registration = try await device.register()
        for kind in ["session-invitation", "session-status"] {
            _ = try await device.subscribe(to: inbox.url, Device.Wish(kind: kind, registration: registration))
        }
    }

    /// A device of a user of its own.
    static func new(_ release: Release = .r3) async throws -> Callee {
        try await Callee(Device(try EndToEndTests.scene(), release))
    }

    /// Another device of the same user.
    func another() async throws -> Callee {
        try await Callee(Device(scene, release, number: device.number))
    }

    /// The same device, talking to another run of the gateway.
    func moved(to scene: Scene) -> Callee {
        Callee(device: device.moved(to: scene), registration: registration, inbox: inbox)
    }

    private init(device: Device, registration: String, inbox: EventInbox) {
        (self.device, self.registration, self.inbox) = (device, registration, inbox)
    }

    /// Calls the device from the scene's peer. Its devices are invited.
    func place(sdp: String? = SDP.offer("caller"), headers: [WireMessage.Header] = []) -> PeerCaller {
        scene.peer.place(device.number, to: scene.gateway.sip, sdp: sdp, headers: headers)
    }

    /// Calls the device and returns when it has been invited.
    func called(sdp: String? = SDP.offer("caller"), headers: [WireMessage.Header] = []) async throws -> IncomingCall {
        try await invited(by: place(sdp: sdp, headers: headers))
    }

    /// Takes the invitation to `call`.
    func invited(by call: PeerCaller) async throws -> IncomingCall {
        let event: SinkRequest
        do {
            event = try await inbox.kind("session-invitation")
        } catch let lost as PatienceLost {
            throw PatienceLost(
                lost.missing, ladder: "\(lost.ladder)\n\(device.number) told at \(inbox.url):\n\(call.ladder)")
        }
        let id = try #require(event.string("data.mediaSessionId"), "\(call.ladder)")
        return IncomingCall(callee: self, call: call, id: id, invitation: event)
    }

    /// A call that the device has answered and the caller acknowledged.
    func connected(headers: [WireMessage.Header] = []) async throws -> IncomingCall {
        let incoming = try await called(headers: headers)
        try await incoming.connect()
        try await incoming.call.answered()
        try await incoming.told("Connected")
        return incoming
    }

    func close() { inbox.sink.stop() }
}

/// A call that has come in, as a device and its caller see it.
struct IncomingCall: Sendable {
    let callee: Callee
    let call: PeerCaller
    let id: String
    let invitation: SinkRequest

    var path: String { "\(callee.release.sessions)/\(id)" }

    /// The messages so far, for the failure of an expectation.
    var ladder: Comment { "\(callee.device.number):\n\(call.ladder)" }

    /// What the application answers with.
    static let answer: JSONValue = ["sdp": .string(SDP.answer("app"))]

    /// PUTs a change.
    @discardableResult
    func put(_ status: String, _ more: [String: JSONValue] = [:]) async throws -> HTTPResponse {
        var change: JSONValue = ["status": .string(status)]
        for (name, value) in more { change[name] = value }
        call.wire.note("PUT \(status)")
        let response = try await callee.device.send("PUT", path + "/status", json: change)
        call.wire.note("\(response.outcome) \(response.json["message"]?.string ?? "")")
        return response
    }

    /// PUTs `Connected` with an answer; it must be taken.
    func connect() async throws {
        let response = try await put("Connected", ["answer": IncomingCall.answer])
        try #require(response.outcome == "200 Connected", ladder)
    }

    func read() async throws -> HTTPResponse { try await callee.device.send("GET", path) }

    func delete() async throws -> HTTPResponse {
        call.wire.note("DELETE")
        let response = try await callee.device.send("DELETE", path)
        call.wire.note(response.outcome)
        return response
    }

    /// Takes the next status event of this session.
    @discardableResult
    func told(_ status: String) async throws -> SinkRequest {
        let id = id
        let event = try await callee.inbox.next("\(status) of \(id)") { $0.string("data.mediaSessionId") == id }
        try #require(event.string("data.status") == status, ladder)
        return event
    }

    /// Everything the gateway had to send to the caller is here.
    func fence() async throws { try await callee.scene.peer.fence(callee.scene.gateway.sip) }

    /// Nothing is left of the call but its session, which is readable.
    func hasEnded(_ status: String) async throws {
        let response = try await read()
        #expect(response.outcome == "200 \(status)", ladder)
    }
}

extension SIPPeer {
    /// A call to `number` at the gateway; its INVITE is on its way. `headers` take the place of those of the same name.
    func place(
        _ number: String, to gateway: SocketAddress, sdp: String? = SDP.offer("caller"),
        headers: [WireMessage.Header] = []
    ) -> PeerCaller {
        let from = WireMessage.Header(
            "From", "<sip:+19195550100@ims.example;user=phone>;tag=\(UInt64.random(in: 0 ... .max))")
        let isNamed = headers.contains { $0.name == "From" }
        return PeerCaller(self, calling: number, at: gateway, sdp: sdp, headers: headers + (isNamed ? [] : [from]))
    }
}
