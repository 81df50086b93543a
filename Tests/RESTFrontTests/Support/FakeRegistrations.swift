import CallCore
import Foundation
import Synchronization

/// A registrar that answers what a test has told it, at once.
final class FakeRegistrations: RegistrationControl {
    private struct State {
        var registrations: [RegistrationID: Registration] = [:]
        var requests: [RegistrationRequest] = []
        var refreshes: [(id: RegistrationID, until: Date?, rule: ExpiryRule)] = []
        var ended: [RegistrationID] = []
        var error: CAMARAError?
    }

    private let state = Mutex(State())

    /// What was asked for so far.
    var requests: [RegistrationRequest] { state.withLock(\.requests) }
    var refreshes: [(id: RegistrationID, until: Date?, rule: ExpiryRule)] { state.withLock(\.refreshes) }
    var ended: [RegistrationID] { state.withLock(\.ended) }

    /// From now on every change fails with it.
    func fail(_ error: CAMARAError?) { state.withLock { $0.error = error } }

    /// Has a live registration.
    @discardableResult
    func add(
        _ id: String, of owner: SessionOwner, number: String = "+17085852753", deviceID: String = "device",
        expiresAt: Date = Date(timeIntervalSince1970: 2_000_000_000)
    ) -> Registration? {
        guard let number = PhoneNumber(number) else { return nil }
        let registration = Registration(
            id: RegistrationID(rawValue: id), owner: owner, number: number, deviceID: deviceID,
            createdAt: Date(timeIntervalSince1970: 1_000_000_000), expiresAt: expiresAt)
        state.withLock { $0.registrations[registration.id] = registration }
        return registration
    }

    func register(
        _ request: RegistrationRequest, reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
    ) {
        let result = state.withLock { state -> Result<Registration, CAMARAError> in
            state.requests.append(request)
            if let error = state.error { return .failure(error) }
            let registration = Registration(
                id: RegistrationID(rawValue: "R\(state.requests.count)"), owner: request.owner, number: request.number,
                deviceID: request.deviceID, createdAt: Date(timeIntervalSince1970: 1_000_000_000),
                expiresAt: request.expiresAt ?? Date(timeIntervalSince1970: 2_000_000_000))
            state.registrations[registration.id] = registration
            return .success(registration)
        }
        reply(result)
    }

    func registration(_ id: RegistrationID) -> Registration? { state.withLock { $0.registrations[id] } }

    func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration? {
        registration(id).flatMap { $0.owner == owner ? $0 : nil }
    }

    func registrations(of owner: SessionOwner, deviceID: String) -> [Registration] {
        state.withLock {
            $0.registrations.values.filter { $0.owner == owner && $0.deviceID == deviceID }
                .sorted { $0.id.rawValue < $1.id.rawValue }
        }
    }

    func refresh(
        _ id: RegistrationID, until expiresAt: Date?, _ rule: ExpiryRule,
        reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
    ) {
        let result = state.withLock { state -> Result<Registration, CAMARAError> in
            state.refreshes.append((id, expiresAt, rule))
            if let error = state.error { return .failure(error) }
            guard var registration = state.registrations[id] else { return .failure(.resourceNotFound) }
            if let expiresAt { registration.expiresAt = expiresAt }
            state.registrations[id] = registration
            return .success(registration)
        }
        reply(result)
    }

    func end(_ id: RegistrationID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void) {
        let result = state.withLock { state -> Result<Void, CAMARAError> in
            state.ended.append(id)
            if let error = state.error { return .failure(error) }
            return state.registrations.removeValue(forKey: id) == nil ? .failure(.resourceNotFound) : .success(())
        }
        reply(result)
    }
}
