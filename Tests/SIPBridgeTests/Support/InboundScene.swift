import CallCore
import Synchronization
import TestPeer
import Testing

@testable import SIPBridge

/// A gateway's SIP side with a network that calls it and applications that are told: real sockets between, and no sleep.
final class InboundScene: Sendable {
    /// What an application has been told: an invitation or a change, as the session then was.
    struct Told: Sendable {
        var session: Session
        var isInvitation = false
        var offerRequired = false
    }

    static let number = "+17085854000"
    static let nobody = "+17085854001"
    static func deviceID(_ index: Int) -> String { "d\(index)" }

    static let caller = "+17085852753"

    let agent: SIPAgent
    let gateway: SocketAddress
    let peer: SIPPeer
    let store: RecordedCalls
    let told: Mailbox<Told>

    /// Starts an agent. The number has as many `devices` as are asked for; any other number of ours has none.
    init(
        devices: Int = 1, keeping store: RecordedCalls = RecordedCalls(), inbound: [String] = ["127.0.0.0/8"],
        isTrusted: Bool = false, adjust: (inout SIPOptions) -> Void = { _ in }
    ) throws {
        let peer = try SIPPeer()
        let told = Mailbox<Told>()
        let trunk = Trunk(
            name: "ims-core", peer: SIPAddress(transport: .udp, host: "127.0.0.1", port: peer.port),
            domain: "ims.example", isTrusted: isTrusted, inbound: inbound.compactMap { IPNetwork($0) })
        var options = SIPOptions(
            listen: [SIPAddress(transport: .udp, host: "127.0.0.1", port: 0)], domain: "gw.example", trunks: [trunk],
            routes: RouteTable([.init(prefix: "+", trunks: [0])]))
        options.calls = store
        options.directory = Directory(devices: devices)
        options.onInvitation = { told.put(Told(session: $0, isInvitation: true, offerRequired: $1)) }
        options.onSessionChange = { told.put(Told(session: $0)) }
        adjust(&options)
        let agent = SIPAgent(options: options)
        let bound = try agent.start()
        self.agent = agent
        self.peer = peer
        self.told = told
        self.store = store
        gateway = SocketAddress(port: bound.first?.port ?? 0)
    }

    /// Runs `body` with a scene that is stopped whatever happens.
    static func run(
        _ scene: InboundScene, _ body: (InboundScene) async throws -> Void
    ) async throws {
        do {
            try await body(scene)
        } catch {
            await scene.agent.stop(deadline: .zero)
            throw error
        }
        await scene.agent.stop(deadline: .zero)
    }

    /// The network calls.
    func call(
        _ number: String = InboundScene.number, sdp: String? = SDP.answer("caller"), supported: String? = nil,
        headers: [WireMessage.Header] = [], over connection: SIPPeer.Origin? = nil
    ) -> PeerCaller {
        let extra = supported.map { [WireMessage.Header("Supported", $0)] } ?? []
        return PeerCaller(peer, calling: number, at: gateway, sdp: sdp, headers: extra + headers, over: connection)
    }

    /// Takes the invitation that an application gets next.
    func invitation() async throws -> Told {
        let told = await told.next { $0.isInvitation }
        return try #require(told, "no invitation")
    }

    /// Takes the next change that is told of `session`.
    func change(of session: SessionID) async throws -> Session {
        let told = await told.next { $0.session.id == session && !$0.isInvitation }
        return try #require(told?.session, "nothing was told of the session")
    }

    /// Takes the final status that is told of `session`.
    func end(of session: SessionID) async throws -> Session {
        let told = await told.next { $0.session.id == session && $0.session.status.isFinal }
        return try #require(told?.session, "the session has not ended")
    }

    /// A PUT; the session it leads to, nil for 204.
    @discardableResult
    func put(
        _ session: SessionID, _ status: SessionStatus? = nil, offer: String? = nil, answer: String? = nil
    ) async throws -> Session? {
        let change = SessionChange(
            status: status, offer: try offer.map { try SessionDescription($0) },
            answer: try answer.map { try SessionDescription($0) })
        let result = await withCheckedContinuation { continuation in
            agent.update(session, with: change) { continuation.resume(returning: $0) }
        }
        if case .session(let session) = try result.get() { return session }
        return nil
    }

    /// A call that is answered and acknowledged.
    func connected(_ call: PeerCaller) async throws -> SessionID {
        let id = try await invitation().session.id
        try await put(id, .connected, answer: SDP.answer("device"))
        try await call.response(200)
        try call.acknowledge()
        // Behind the ACK on the same way.
        try await peer.fence(gateway, over: call.gateway)
        return id
    }

    /// Nothing is left of any call: no timer, dialog or row. Waits for what the last messages set free.
    func expectNothingLeft(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while await agent.liveCalls > 0, ContinuousClock.now < deadline { await Task.yield() }
        let statistics = await agent.statistics()
        #expect(statistics.liveCalls == 0, sourceLocation: sourceLocation)
        #expect(statistics.timers == 0, sourceLocation: sourceLocation)
        #expect(statistics.dialogs == 0, sourceLocation: sourceLocation)
        #expect(store.rows.isEmpty, sourceLocation: sourceLocation)
        #expect(agent.liveSessions(of: "app") == 0, sourceLocation: sourceLocation)
    }
}

/// Who is registered.
private final class Directory: InboundDirectory {
    private let devices: [InboundDevice]

    init(devices: Int) {
        self.devices = (0..<devices).map { index in
            InboundDevice(
                owner: SessionOwner(client: "app"),
                device: SessionDevice(
                    registrationID: RegistrationID(rawValue: "r\(index)"), deviceID: InboundScene.deviceID(index)),
                receiverAddress: "tel:\(InboundScene.number)")
        }
    }

    func callees(of number: PhoneNumber) -> InboundCallees {
        switch number.text {
        case InboundScene.number: .devices(devices)
        case InboundScene.nobody: .unregistered
        default: .notServed
        }
    }
}

/// Keeps calls in memory, as a store would in a file.
final class RecordedCalls: StoredCalls {
    private let state = Mutex<(rows: [SessionID: StoredCall], writes: Int)>(([:], 0))

    var rows: [SessionID: StoredCall] { state.withLock { $0.rows } }
    /// How often something was written.
    var writes: Int { state.withLock { $0.writes } }

    func keep(_ call: StoredCall) {
        state.withLock { state in
            state.rows[call.session.id] = call
            state.writes += 1
        }
    }

    func removeCall(_ id: SessionID) { state.withLock { $0.rows[id] = nil } }

    func takeLeftCalls() -> [StoredCall] { Array(rows.values) }
}
