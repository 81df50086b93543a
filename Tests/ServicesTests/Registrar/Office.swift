import CallCore
import Foundation
import Store
import Synchronization

@testable import Services

/// A registrar over a store, in memory unless a test wants a file, with a clock that stands until it is moved and ids
/// that count.
final class Office: Sendable {
    struct End: Equatable {
        var id: String
        var reason: RegistrationEndsData.Reason
    }

    private struct State {
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        var ids = 0
        var ends: [End] = []
        var refused: Set<PhoneNumber> = []
        var pausing: (@Sendable () async -> Void)?
    }

    /// Shared with the closures of store and registrar, which outlive nothing of the test.
    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private let shared = Shared()
    let store: any Store
    let registrar: Registrar

    init(at location: StoreLocation = .memory, _ limit: (inout StoreLimits) -> Void = { _ in }) throws {
        let shared = shared
        var storing = StoreOptions()
        limit(&storing.limits)
        storing.clock = { shared.state.withLock(\.now) }
        store = try location.open(options: storing)
        var options = Registrar.Options()
        options.range = RegistrationRange(minimum: .seconds(60), standard: .seconds(3_600), maximum: .seconds(86_400))
        options.clock = storing.clock
        options.makeID = {
            shared.state.withLock { state in
                state.ids += 1
                return RegistrationID(rawValue: "R\(state.ids)")
            }
        }
        options.permits = { _, number in shared.state.withLock { !$0.refused.contains(number) } }
        options.pause = { _ in await shared.state.withLock(\.pausing)?() }
        options.onEnd = { registration, reason in
            shared.state.withLock { $0.ends.append(End(id: registration.id.rawValue, reason: reason)) }
        }
        registrar = Registrar(store: store, options: options)
    }

    var now: Date { shared.state.withLock(\.now) }

    /// The ends told so far.
    var ends: [End] { shared.state.withLock(\.ends) }

    func pass(seconds: Double) { shared.state.withLock { $0.now += seconds } }

    /// Is done in place of every pause.
    func pausing(_ body: @escaping @Sendable () async -> Void) { shared.state.withLock { $0.pausing = body } }

    func refuse(_ number: PhoneNumber) { _ = shared.state.withLock { $0.refused.insert(number) } }

    /// Registers; what is not named is the same in every request.
    func register(
        _ device: String = "device", number: String = Sample.number, client: String = "app", user: String? = nil,
        until expiresAt: Date? = nil, _ rule: ExpiryRule = .ownPolicy, replacing: Bool = true
    ) async throws(Sample.NoNumber) -> Result<Registration, CAMARAError> {
        let request = RegistrationRequest(
            owner: try Sample.owner(client, user), number: try Sample.phoneNumber(number), deviceID: device,
            expiresAt: expiresAt, expiryRule: rule, replacesStale: replacing)
        return await withCheckedContinuation { continuation in
            registrar.register(request) { continuation.resume(returning: $0) }
        }
    }

    func refresh(
        _ id: String, until expiresAt: Date? = nil, _ rule: ExpiryRule = .ownPolicy
    ) async -> Result<Registration, CAMARAError> {
        await withCheckedContinuation { continuation in
            registrar.refresh(RegistrationID(rawValue: id), until: expiresAt, rule) {
                continuation.resume(returning: $0)
            }
        }
    }

    func end(_ id: String) async -> Result<Void, CAMARAError> {
        await withCheckedContinuation { continuation in
            registrar.end(RegistrationID(rawValue: id)) { continuation.resume(returning: $0) }
        }
    }

    func isLive(_ id: String) -> Bool { registrar.registration(RegistrationID(rawValue: id)) != nil }

    /// Values that every test may use.
    enum Sample {
        static let number = "+17085852753"

        struct NoNumber: Error {}

        static func phoneNumber(_ text: String) throws(NoNumber) -> PhoneNumber {
            guard let number = PhoneNumber(text) else { throw NoNumber() }
            return number
        }

        static func owner(_ client: String, _ user: String?) throws(NoNumber) -> SessionOwner {
            guard let user else { return SessionOwner(client: client) }
            return SessionOwner(client: client, user: try phoneNumber(user))
        }
    }
}

extension Result where Failure == CAMARAError {
    /// The value; the test fails if there is none.
    @discardableResult
    func success() throws -> Success { try get() }

    /// The error, if it is one.
    var error: CAMARAError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
