/// The accounts that numbers have in the network: one SIP registration each while applications have the number registered
/// (mapping §4). Every function may be called from any thread and returns at once.
public protocol NumberAccounts: AnyObject, Sendable {
    /// Whether the number has one; to others the network brings calls by itself.
    func hasAccount(_ number: PhoneNumber) -> Bool

    /// Registers the number in the network, or extends that. `reply` is told once, on any thread, for how long from then on
    /// the network keeps it. Errors: 403, 502, 503 and 504.
    /// - Parameters:
    ///   - time: for how long it is wanted.
    ///   - kept: for how long applications rely on it already, whatever comes of this; nil if none does.
    func register(
        _ number: PhoneNumber, for time: Duration, kept: Duration?,
        reply: @escaping @Sendable (Result<Duration, CAMARAError>) -> Void)

    /// Registers those of the numbers that are not, or not as their accounts are by now, for what is left of their time. All at
    /// once: few at a time keep a registrar from being flooded.
    func resume(_ numbers: [(number: PhoneNumber, time: Duration)])

    /// No application has the number registered any more.
    func release(_ number: PhoneNumber)
}
