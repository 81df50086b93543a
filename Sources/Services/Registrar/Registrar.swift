import CallCore
import Foundation
import Store
import Synchronization

/// Who is registered, and until when: the operator's rules over a store.
///
/// Every function may be called from any thread. What changes the store replies from a task, exactly once, when the change
/// is durable; a request that is refused before it reaches the store is refused on the caller's thread.
///
/// Ends that nobody asked for are found by a thread of its own, from ``start()`` to ``stop()``.
public final class Registrar: RegistrationControl {
    let store: any Store
    let options: Options
    let network = Mutex(Network())
    private let timekeeper: Timekeeper

    /// A registrar over `store`, whose clock should be `options.clock`.
    public init(store: any Store, options: Options = Options()) {
        self.store = store
        self.options = options
        // Looking again after the shortest life at the latest, it finds none late that is made meanwhile.
        timekeeper = Timekeeper(
            name: "registrar", longestWait: options.range.minimum.timeInterval, clock: options.clock)
    }

    /// Errors: 403 PERMISSION_DENIED if ``Options/permits`` says no or another user of the client has the place, 400 OUT_OF_RANGE by the request's rule, and those of
    /// the store: 409 ALREADY_EXISTS, 403 MAX_DEVICES_PER_USER, MAX_REGISTRATION_PER_MSISDN or MAX_REGISTRATION_PER_USER,
    /// 429 QUOTA_EXCEEDED, 503 UNAVAILABLE.
    public func register(
        _ request: RegistrationRequest, reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
    ) {
        let now = options.clock()
        let registration: Registration
        do throws(CAMARAError) {
            registration = try admit(request, now: now)
        } catch {
            return reply(.failure(error))
        }
        let rule: ConflictRule = request.replacesStale ? .replace : .refuse
        Task { [self] in
            do throws(CAMARAError) {
                let added = try await withAccount(of: registration.number, until: registration.expiresAt) {
                    expiry throws(CAMARAError) in
                    var granted = registration
                    granted.expiresAt = expiry
                    return try await add(granted, ifPresent: rule, at: now)
                }
                reply(.success(added))
            } catch {
                reply(.failure(error))
            }
        }
    }

    private func add(
        _ registration: Registration, ifPresent rule: ConflictRule, at now: Date
    ) async throws(CAMARAError) -> Registration {
        do throws(StoreError) {
            let replaced = try await store.add(registration, ifPresent: rule)
            // Before the reply, so that nothing about the new registration can be told before the old one's end.
            if let replaced { tellEnd(of: replaced, at: now) }
            return registration
        } catch {
            throw refusal(of: registration, error)
        }
    }

    /// The registration, if it is live.
    public func registration(_ id: RegistrationID) -> Registration? { store.registration(id) }

    /// The registration, if it is live and `owner`'s.
    public func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration? {
        store.registration(id, of: owner)
    }

    /// The live registrations that `owner` made for a device, of any number, oldest first.
    public func registrations(of owner: SessionOwner, deviceID: String) -> [Registration] {
        store.registrations(of: owner, deviceID: deviceID)
    }

    /// The new end counts from this call, whatever the old one was (r2.2, "Server behaviour on refresh"), and may be
    /// earlier.
    public func refresh(
        _ id: RegistrationID, until expiresAt: Date?, _ rule: ExpiryRule,
        reply: @escaping @Sendable (Result<Registration, CAMARAError>) -> Void
    ) {
        let expiry: Date
        let number: PhoneNumber
        do throws(CAMARAError) {
            guard let registration = store.registration(id) else { throw .resourceNotFound }
            number = registration.number
            expiry = try options.range.expiry(wish: expiresAt, now: options.clock(), rule)
        } catch {
            return reply(.failure(error))
        }
        Task { [self] in
            do throws(CAMARAError) {
                let refreshed = try await withAccount(of: number, until: expiry) { expiry throws(CAMARAError) in
                    do throws(StoreError) {
                        return try await store.refreshRegistration(id, until: expiry)
                    } catch {
                        throw Registrar.refusal(error)
                    }
                }
                reply(.success(refreshed))
            } catch {
                reply(.failure(error))
            }
        }
    }

    /// The registration counts no more as soon as this returns. A 503 says that its end may be forgotten by a crash: the
    /// store writes it as soon as it can, and another attempt finds nothing to end.
    ///
    /// ``Options/onEnd`` is not told: `registration-ends` knows expiry and the network's decision as reasons, and this is
    /// neither (mapping §4 has no event for DELETE). Who ended it has the 204.
    public func end(_ id: RegistrationID, reply: @escaping @Sendable (Result<Void, CAMARAError>) -> Void) {
        guard store.registration(id) != nil, let ended = store.removeRegistration(id) else {
            return reply(.failure(.resourceNotFound))
        }
        leave(ended.number)
        Task { [self] in
            do throws(StoreError) {
                try await store.flush()
                reply(.success(()))
            } catch {
                reply(.failure(Registrar.refusal(error)))
            }
        }
    }

    /// Starts the thread that ends registrations when their time has come, first those that ran out while no gateway ran.
    /// Once only.
    /// - Parameter accounts: whom numbers with an account in the network are registered by; nil: none has one.
    public func start(accounts: (any NumberAccounts)? = nil) {
        network.withLock { $0.accounts = accounts }
        timekeeper.start { [self] in
            while expireDue(limit: Registrar.batch) == Registrar.batch {}
            return nextExpiry
        }
    }

    private static let batch = 256

    /// Returns when no registration is ended for its time any more.
    public func stop() async { await timekeeper.stop() }

    /// Takes out registrations that have run out, longest expired first, and tells their ends. At most `limit`, so that a
    /// call takes a bounded time: after one that took so many, ``nextExpiry`` is in the past and the next call is due at
    /// once. Several threads may do it at the same time; each end is told once.
    /// - Returns: how many there were.
    @discardableResult
    public func expireDue(limit: Int = 256) -> Int {
        let expired = store.takeExpiredRegistrations(limit: limit)
        for registration in expired {
            options.onEnd(registration, .registrationExpired)
            leave(registration.number)
        }
        return expired.count
    }

    /// When ``expireDue(limit:)`` has work: in the past if it has now, nil if there are no registrations. A later
    /// registration or refresh may bring it forward, but never to less than the range's minimum from its own time: a timer
    /// that looks again after the minimum at the latest is never late.
    public var nextExpiry: Date? { store.nextRegistrationExpiry }

    /// The registration that a request comes to, if the operator's rules allow one.
    private func admit(_ request: RegistrationRequest, now: Date) throws(CAMARAError) -> Registration {
        guard options.permits(request.owner, request.number) else {
            throw CAMARAError(
                403, .permissionDenied,
                "Client does not have sufficient permissions to perform this action: it may not register this number.")
        }
        return Registration(
            id: options.makeID(), owner: request.owner, number: request.number, deviceID: request.deviceID,
            createdAt: now, expiresAt: try options.range.expiry(wish: request.expiresAt, now: now, request.expiryRule))
    }

    /// A live registration that makes way is ended by us, the network (camara-rules: "cleans up the stale one").
    private func tellEnd(of replaced: Registration, at time: Date) {
        options.onEnd(replaced, replaced.isLive(at: time) ? .networkTerminated : .registrationExpired)
    }

    private func refusal(of registration: Registration, _ error: StoreError) -> CAMARAError {
        guard error == .limitReached(.registrationsPerNumber) else {
            return Registrar.refusal(error, owner: registration.owner)
        }
        let live = store.registrations(of: registration.number)
        return Registrar.numberIsFull(of: live, newDevice: registration.deviceID)
    }
}
