/// How a trunk's bindings are asked for.
public struct RegistrationPolicy: Sendable, Hashable {
    /// What the trunk's own binding asks for, in seconds (`register.expires`).
    public var expires: UInt32
    /// The longest time until the second attempt; it doubles with each further one (`register.retry`).
    public var retry: Duration
    /// How long an application waits for the registrar.
    public var patience: Duration

    /// The longest time between attempts (RFC 5626 §4.5).
    static let longestRetry = Duration.seconds(1_800)
    /// The same where the last one was refused: few enough attempts that no account is locked for wrong passwords.
    static let refusedRetry = Duration.seconds(7_200)
    /// No registrar is asked for more, or believed to grant more: a week, in seconds.
    static let longest: UInt32 = 604_800

    /// Takes every value as given.
    public init(expires: UInt32 = 3_600, retry: Duration = .seconds(30), patience: Duration = .seconds(8)) {
        self.expires = expires
        self.retry = retry
        self.patience = patience
    }

    /// Nanoseconds until the next attempt: between half of a bound and the bound, which doubles (RFC 5626 §4.5), and never
    /// before the registrar's Retry-After.
    func wait(afterFailures failures: Int, isRefusal: Bool, _ retryAfter: UInt32?, draw: UInt64) -> UInt64 {
        let bound =
            isRefusal
            ? RegistrationPolicy.refusedRetry.nanoseconds
            : min(
                RegistrationPolicy.longestRetry.nanoseconds,
                max(retry.nanoseconds, 1_000_000) << UInt64(min(max(failures, 1) - 1, 20)))
        let asked = UInt64(min(retryAfter ?? 0, 3_600)) * 1_000_000_000
        return max(bound / 2 + draw % (bound / 2 + 1), asked)
    }
}
