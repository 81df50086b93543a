import CallCore

/// How a trunk is registered with (configuration `trunks[].register`).
public struct TrunkRegistration: Sendable, Equatable {
    /// What an address of record stands for.
    public enum Mode: String, Sendable {
        /// The whole trunk.
        case trunk
        /// One number that applications have registered.
        case account
    }

    /// What is registered.
    public var mode: Mode
    /// The user of the trunk's own address of record, and of its Contact (RFC 3261 §25.1). Unused for numbers.
    public var user: String
    /// What the numbers with an account here begin with; empty: all.
    public var numbers: [String]
    /// Numbers with credentials of their own; where there are any, no other number has an account here.
    public var accounts: [PhoneNumber: DigestCredentials]
    /// How bindings are asked for.
    public var policy: RegistrationPolicy

    /// Takes every value as given.
    public init(
        mode: Mode, user: String, numbers: [String] = [], accounts: [PhoneNumber: DigestCredentials] = [:],
        policy: RegistrationPolicy = RegistrationPolicy()
    ) {
        self.accounts = accounts
        self.mode = mode
        self.user = user
        self.numbers = numbers
        self.policy = policy
    }

    func holds(_ number: PhoneNumber) -> Bool {
        guard mode == .account else { return false }
        if !accounts.isEmpty { return accounts[number] != nil }
        return numbers.isEmpty || numbers.contains { number.text.hasPrefix($0) }
    }
}
