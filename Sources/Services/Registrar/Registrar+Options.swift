import CallCore
import Foundation
import Synchronization

extension Registrar {
    /// How a registrar works. Each value's key of the configuration file is in its comment.
    public struct Options: Sendable {
        /// `registrations.minimum`, `.default` and `.maximum`
        public var range = RegistrationRange()
        /// Whether that owner may receive the calls of that number; no is 403 PERMISSION_DENIED. Asked on the requesting
        /// thread: must not wait. By default everyone may: a three-legged token has proved its number, but a two-legged
        /// client is then trusted with every number.
        public var permits: @Sendable (SessionOwner, PhoneNumber) -> Bool = { _, _ in true }
        /// The wall clock that expiries are counted on.
        public var clock: @Sendable () -> Date = { Date() }
        /// Makes the `registrationId` of each registration.
        public var makeID: @Sendable () -> RegistrationID = Registrar.systemID
        /// Waits.
        var pause: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        /// Told once for each registration that has run out or made way to a newer one, on any thread; must not wait.
        /// After a crash of the process an expiry may be told again. Not told what its owner ends.
        public var onEnd: @Sendable (Registration, RegistrationEndsData.Reason) -> Void = { _, _ in }

        /// The defaults of the configuration.
        public init() {}
    }

    private static let generator = Mutex(SystemRandom())

    /// A registration id from the system's generator.
    public static let systemID: @Sendable () -> RegistrationID = {
        generator.withLock { RegistrationID.random(using: &$0) }
    }
}
