import CallCore
import Foundation

/// How long the operator lets registrations last: `registrations.minimum`, `.default` and `.maximum`.
public struct RegistrationRange: Sendable, Equatable {
    /// The shortest life.
    public var minimum: Duration
    /// The life of a registration whose client asks for none.
    public var standard: Duration
    /// The longest life.
    public var maximum: Duration

    /// Takes every value as given; the configuration checks that they are in order.
    public init(
        minimum: Duration = .seconds(60), standard: Duration = .seconds(3_600), maximum: Duration = .seconds(86_400)
    ) {
        self.minimum = minimum
        self.standard = standard
        self.maximum = maximum
    }

    /// When a registration ends that is asked for at `now` to end at `wish`.
    /// - Throws: 400 OUT_OF_RANGE, where `rule` says so.
    public func expiry(wish: Date?, now: Date, _ rule: ExpiryRule) throws(CAMARAError) -> Date {
        guard let wish else { return now + standard.timeInterval }
        let shortest = now + minimum.timeInterval
        guard wish >= shortest else {
            switch rule {
            case .ownPolicy: return shortest
            case .cappedNotRaised:
                throw CAMARAError(
                    400, .outOfRange,
                    "registrationExpireTime must be at least \(minimum.components.seconds) seconds ahead.")
            }
        }
        return min(wish, now + maximum.timeInterval)
    }
}

extension Duration {
    var timeInterval: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18
    }
}
