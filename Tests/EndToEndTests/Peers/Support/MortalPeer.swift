import Synchronization
import TestPeer
import Testing

/// A callee that answers every call, until it dies in one way or another; and comes back.
final class MortalPeer: Sendable {
    /// How it is.
    enum Mode: String, Sendable, CustomTestStringConvertible {
        case alive
        /// Its socket is closed: the kernel tells whoever sends.
        case closed
        /// It hears and says nothing.
        case silent
        /// It answers 503 to all but what is going on.
        case refusing

        var testDescription: String { rawValue }
    }

    private struct State {
        var mode = Mode.alive
        var peer: SIPPeer?
        /// Call-IDs of the INVITEs that came, by dialled number.
        var invited: [String: Set<String>] = [:]
        /// When the first INVITE for a number came, and whether it was answered then.
        var first: [String: (at: ContinuousClock.Instant, isAnswered: Bool)] = [:]
        /// When a number was told 180 first.
        var rung: [String: ContinuousClock.Instant] = [:]
    }

    let port: UInt16
    private let prefix: String
    private let state: Mutex<State>
    /// Held while a request is answered.
    private let gate = Mutex(())

    /// Answers calls to numbers that begin with `prefix`.
    init(prefix: String) throws {
        port = try FreePort.next()
        self.prefix = prefix
        state = Mutex(State())
        try open()
    }

    /// How often a number was called here: INVITEs that are no repetitions.
    func calls(of number: String) -> Int { state.withLock { $0.invited[number]?.count ?? 0 } }
    /// When it was called first, and when it rang.
    func firstCall(of number: String) -> ContinuousClock.Instant? { state.withLock { $0.first[number]?.at } }
    func rang(_ number: String) -> ContinuousClock.Instant? { state.withLock { $0.rung[number] } }
    /// Calls answered at their first INVITE so far. One that was given up meanwhile is none.
    var answers: Int { state.withLock { $0.first.values.count { $0.isAnswered } } }

    func become(_ mode: Mode) async throws {
        // It dies between calls: one that it has told to ring has its answer too.
        let closed = gate.withLock { _ in
            state.withLock { state in
                state.mode = mode
                return mode == .closed ? state.peer.take() : nil
            }
        }
        closed?.close()
        if mode == .closed { return }
        state.withLock { $0.peer }?.answerOptions(mode == .alive)
        guard mode == .alive, state.withLock({ $0.peer == nil }) else { return }
        let deadline = ContinuousClock.now + Patience.standard
        // The reading thread closes the old socket, soon.
        while ContinuousClock.now < deadline {
            if (try? open()) != nil { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        try open()
    }

    /// Everything that the gateway has sent here is here.
    func fence(_ gateway: SocketAddress) async throws {
        try await state.withLock { $0.peer }?.fence(gateway)
    }

    private func open() throws {
        let peer = try SIPPeer(port: port)
        peer.serve(prefix) { [weak self] in self?.receive($0) }
        state.withLock { $0.peer = peer }
    }

    private func receive(_ request: PeerRequest) {
        gate.withLock { _ in answer(request) }
    }

    private func answer(_ request: PeerRequest) {
        let number = request.message.dialled ?? ""
        let mode = state.withLock { state in
            if request.message.method == .invite {
                state.invited[number, default: []].insert(request.message.callID)
                if state.first[number] == nil { state.first[number] = (.now, state.mode == .alive) }
                if state.mode == .alive, state.rung[number] == nil { state.rung[number] = .now }
            }
            return state.mode
        }
        switch (mode, request.message.method) {
        case (.alive, .invite):
            request.respond(180)
            request.respond(200, sdp: SDP.answer())
        case (.alive, .bye), (.refusing, .bye), (.alive, .cancel), (.refusing, .cancel): request.respond(200)
        case (.refusing, .invite): request.respond(503)
        default: break
        }
    }
}
