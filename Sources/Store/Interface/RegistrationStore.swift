import CallCore
import Foundation

/// What happens to a live registration of the same owner, device and number. Another owner's stays, whatever the rule.
public enum ConflictRule: Sendable {
    /// The new one is refused: ``StoreError/alreadyExists`` (CAMARA 0.4).
    case refuse
    /// The new one takes its place (CAMARA v0.3: "cleans up the stale one").
    case replace
}

/// The registrations. Look-ups show live ones only; lists are oldest first.
public protocol RegistrationStore: Sendable {
    /// The registration with this id.
    func registration(_ id: RegistrationID) -> Registration?

    /// The same if it is `owner`'s; somebody else's takes no longer than none.
    func registration(_ id: RegistrationID, of owner: SessionOwner) -> Registration?

    /// The numbers that have registrations, each with the time of its last one's end; some may have passed.
    func registeredNumbers() -> [PhoneNumber: Date]

    /// All devices of a number: those that ring for it.
    func registrations(of number: PhoneNumber) -> [Registration]

    /// What `owner` made for a device, whatever the number.
    func registrations(of owner: SessionOwner, deviceID: String) -> [Registration]

    /// Adds a registration; durable when it returns. One that has expired in its place makes way, whatever the rule.
    /// - Returns: what it replaced, live or expired, so that its end can be told.
    /// - Throws: `alreadyExists`, `heldByAnother`, `limitReached` (registrations, registrationsPerNumber,
    ///   registrationsPerOwner, bytes, bytesPerOwner, clientShare) or `unavailable`.
    @discardableResult
    func add(_ registration: Registration, ifPresent: ConflictRule) async throws(StoreError) -> Registration?

    /// Moves the expiry of a live registration; durable when it returns.
    /// - Throws: `notFound` or `unavailable`.
    @discardableResult
    func refreshRegistration(_ id: RegistrationID, until expiresAt: Date) async throws(StoreError) -> Registration

    /// Takes a registration out at once; ``Store/flush()`` waits for the disk.
    /// - Returns: it, if there was one, expired or not.
    @discardableResult
    func removeRegistration(_ id: RegistrationID) -> Registration?

    /// Takes out those that have expired, longest expired first, so that their end can be told; call it regularly.
    /// One that expired while no gateway ran is among them, and one whose end was not yet durable when the process was
    /// killed is so again.
    /// - Parameter limit: the most that one call takes, so that it holds the lock for a bounded time.
    func takeExpiredRegistrations(limit: Int) -> [Registration]

    /// When the next one expires, or a moment that has passed if some wait to be taken out; nil if there is none.
    var nextRegistrationExpiry: Date? { get }
}
