import Foundation
import TestPeer
import Testing

/// Numbers with credentials of their own (`register.accounts`).
@Suite(.gateway(.ownAccounts)) struct OwnAccountTests {
    @Test("REGISTER and the calls of a number carry its credentials", arguments: OwnAccounts.users)
    func credentials(user: OwnAccounts.User) async throws {
        let registrar = PeerRegistrar(peer: try scene().peer)
        let device = try Device(try scene(), .r3, number: user.number)
        async let id = device.register()
        let registering = PeerChallenge(nonce: "r-\(user.name)", username: user.name, password: user.password)
        try await registrar.register(user.number).challenge(registering)
        let request = try await registrar.register(user.number)
        #expect(registering.fault(in: request.message, count: 1) == nil)
        request.grant(3_600)
        let registered = RegisteredDevice(device, registration: try await id)

        let attempt = device.scene.attempt()
        let calling = PeerChallenge(
            isProxy: true, nonce: "c-\(user.name)", username: user.name, password: user.password)
        async let reply = registered.call(attempt.number)
        try await attempt.call.invite().challenge(calling)
        _ = try await attempt.call.request(.ack)
        let invite = try await attempt.call.invite()
        #expect(calling.fault(in: invite.message, count: 1) == nil, attempt.ladder)
        invite.respond(200, sdp: SDP.answer())
        let session = try device.sessionID(of: try await reply)
        _ = try await attempt.call.request(.ack)
        #expect(try await device.send("DELETE", "\(device.release.sessions)/\(session)").status == 204)
        let bye = try await attempt.call.acceptBye()
        #expect(calling.fault(in: bye, count: 2) == nil, attempt.ladder)
    }

    @Test("A number that the file does not name has no account")
    func noAccount() async throws {
        let device = try Device(try scene(), .r3)
        _ = try await device.register()
        try await device.scene.peer.fence(device.scene.gateway.sip)
        #expect(PeerRegistrar(peer: device.scene.peer).unread(device.number) == 0)
    }
}

/// The accounts of the plan.
enum OwnAccounts {
    struct User: Sendable, CustomTestStringConvertible {
        var number: String
        var name: String
        var password: String

        var testDescription: String { name }
    }

    static let users = (1...2).map { User(number: "+491600000\($0)", name: "own\($0)", password: "secret-\($0)") }

    /// In a file, one a line.
    static func write() throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "accounts-\(UUID().uuidString).txt")
        let lines = users.map { "\($0.number) \($0.name) \($0.password)\n" }
        try lines.joined().write(to: file, atomically: true, encoding: .utf8)
        return file
    }
}

extension ScenePlan {
    /// Some numbers have accounts at the first peer, each with its own credentials.
    static let ownAccounts = ScenePlan { configuration, places in
        try events.prepare(&configuration, places)
        configuration[trunk: "main"].lines += [
            PeerChallenge.auth,
            "register: {mode: account, accounts: \"\(try OwnAccounts.write().path)\"}",
        ]
    }
}
