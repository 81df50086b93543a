import CallCore
import Dispatch
import Foundation
import Synchronization
import TestPeer

/// A call layer that does what the test tells it.
final class FakeCalls: CallControl {
    typealias CreateReply = @Sendable (Result<Session, CAMARAError>) -> Void
    typealias UpdateReply = @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void

    private struct State {
        var sessions: [SessionID: Session] = [:]
        var created: [CallRequest] = []
        var updated: [SessionChange] = []
        var ended: [SessionID] = []
        var abandoned: [SessionID] = []
        var held: [CreateReply] = []
        var live: [String: Int] = [:]
        var lookUps = 0
        var refusal: @Sendable (UInt64) -> CAMARAError? = { _ in nil }
        var onCreate: @Sendable (CallRequest, @escaping CreateReply) -> Void = { request, reply in
            reply(.success(FakeCalls.session(for: request)))
        }
        var onUpdate: @Sendable (Session, SessionChange, @escaping UpdateReply) -> Void = { session, change, reply in
            var session = session
            session.status = change.status ?? session.status
            session.offer = change.offer ?? session.offer
            session.answer = change.answer ?? session.answer
            reply(.success(.session(session)))
        }
    }

    private let state = Mutex(State())
    /// Signalled once for every create and every abandon.
    let createdSignal = DispatchSemaphore(value: 0)
    let abandonedSignal = DispatchSemaphore(value: 0)

    var created: [CallRequest] { state.withLock { $0.created } }
    var updated: [SessionChange] { state.withLock { $0.updated } }
    var ended: [SessionID] { state.withLock { $0.ended } }
    var abandoned: [SessionID] { state.withLock { $0.abandoned } }

    func onCreate(_ action: @escaping @Sendable (CallRequest, @escaping CreateReply) -> Void) {
        state.withLock { $0.onCreate = action }
    }

    func onUpdate(_ action: @escaping @Sendable (Session, SessionChange, @escaping UpdateReply) -> Void) {
        state.withLock { $0.onUpdate = action }
    }

    /// Keeps the replies of creates for ``releaseHeld(_:)``.
    func holdCreates() {
        onCreate { [unowned self] _, reply in state.withLock { $0.held.append(reply) } }
    }

    /// Replies to every held create, from a thread of its own; returns when it has.
    func releaseHeld(_ result: Result<Session, CAMARAError>) {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for reply in held { reply(result) }
            done.signal()
        }
        done.wait()
    }

    func add(_ session: Session) {
        state.withLock { $0.sessions[session.id] = session }
    }

    func create(_ request: CallRequest, reply: @escaping CreateReply) {
        let action = state.withLock { state in
            state.created.append(request)
            return state.onCreate
        }
        action(request, reply)
        createdSignal.signal()
    }

    func abandon(_ id: SessionID) {
        state.withLock { $0.abandoned.append(id) }
        abandonedSignal.signal()
    }

    /// How often ``session(_:of:)`` was asked.
    var lookUps: Int { state.withLock { $0.lookUps } }

    func session(_ id: SessionID, of owner: SessionOwner) -> Session? {
        state.withLock { state in
            state.lookUps += 1
            guard let session = state.sessions[id], session.owner == owner else { return nil }
            return session
        }
    }

    func update(_ id: SessionID, with change: SessionChange, reply: @escaping UpdateReply) {
        let (session, action) = state.withLock { state in
            state.updated.append(change)
            return (state.sessions[id], state.onUpdate)
        }
        guard let session else { return reply(.failure(.sessionNotFound)) }
        action(session, change, reply)
    }

    /// From now on the client has so many live sessions.
    func setLiveSessions(_ count: Int, of client: String) {
        state.withLock { $0.live[client] = count }
    }

    func liveSessions(of client: String) -> Int {
        state.withLock { $0.live[client] ?? 0 }
    }

    /// What new calls are refused with, by how long they have waited.
    func refuseForLoad(_ refusal: @escaping @Sendable (UInt64) -> CAMARAError?) {
        state.withLock { $0.refusal = refusal }
    }

    func refusalForLoad(waited: UInt64, isExempt: () -> Bool) -> CAMARAError? {
        state.withLock { $0.refusal }(waited).flatMap { isExempt() ? nil : $0 }
    }

    func end(_ id: SessionID) {
        state.withLock { $0.ended.append(id) }
    }

    /// What a network that answers 100 Trying alone makes of a request.
    static func session(for request: CallRequest, status: SessionStatus = .initial) -> Session {
        Session(
            id: request.id, owner: request.owner, originatorAddress: request.originatorAddress,
            originatorName: request.originatorName, receiverAddress: request.receiverAddress,
            receiverName: request.receiverName, callType: request.callType,
            clientCorrelator: request.clientCorrelator, offer: request.offer, status: status)
    }
}

/// Waits for a signal; false when patience has run out, so that a test fails instead of hanging.
func came(_ signal: DispatchSemaphore) -> Bool {
    signal.wait(timeout: .now() + .seconds(Patience.seconds)) == .success
}
