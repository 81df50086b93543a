import TestPeer
import Testing

/// A device with its registration, and calls made with both.
struct RegisteredDevice: Sendable {
    let device: Device
    let registration: String

    var release: Release { device.release }
    var scene: Scene { device.scene }

    init(_ device: Device, registration: String) {
        self.device = device
        self.registration = registration
    }

    func send(_ method: String, _ path: String) async throws -> HTTPResponse { try await device.send(method, path) }

    /// POSTs a session to `number`.
    func call(_ number: String) async throws -> HTTPResponse {
        try await device.call(number, registration: registration)
    }

    /// A call that rings.
    func ring() async throws -> (attempt: Attempt, invite: PeerRequest, id: String) {
        let attempt = scene.attempt()
        async let reply = call(attempt.number)
        let invite = try await attempt.call.invite()
        invite.respond(180)
        return (attempt, invite, try device.sessionID(of: try await reply))
    }

    /// A call that is answered, and whose answer is acknowledged.
    func connect() async throws -> (attempt: Attempt, id: String) {
        let attempt = scene.attempt()
        async let reply = call(attempt.number)
        let invite = try await attempt.call.invite()
        invite.respond(200, sdp: SDP.answer())
        let id = try device.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack)
        return (attempt, id)
    }
}
