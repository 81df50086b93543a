/// Where the keys of tokens come from. Asking never waits; any thread.
protocol VerificationKeys: Sendable {
    /// Changes when a key is taken back: what was verified before has to be verified again.
    var revision: Int { get }

    /// The key for a token with that `alg` and `kid`.
    func find(_ algorithm: SigningAlgorithm, id: String?) -> KeySearch
}

/// What became of looking for a key.
enum KeySearch {
    case found(VerificationKey)
    /// There are keys, but none for this token.
    case unknown
    /// There are no keys at present; for how many seconds at least.
    case unavailable(seconds: Int)
}

extension JSONWebKeySet: VerificationKeys {
    var revision: Int { 0 }

    func find(_ algorithm: SigningAlgorithm, id: String?) -> KeySearch {
        key(for: algorithm, id: id).map { .found($0) } ?? .unknown
    }
}
