/// Why a question to the token provider has no answer. Names no address, no token and no secret.
public enum ProviderFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case nameNotResolved
    case notConnected
    /// The provider's certificate is not trusted, or is for another name.
    case certificate
    /// TLS failed otherwise.
    case tls
    case timeout
    case disconnected
    /// The answer is longer than it may be.
    case tooLong(bytes: Int)
    /// Another HTTP status than 200; redirects are not followed.
    case status(Int)
    /// The answer is not what was asked for; says what is wrong.
    case unreadable(String)
    /// More questions at once than the client asks.
    case busy
    /// The client has been stopped.
    case stopped
    /// Anything else, in libcurl's words.
    case other(String)

    /// Cause and remedy, for the operator's log.
    public var description: String {
        switch self {
        case .nameNotResolved: "the provider's host name cannot be resolved; check the URL and the DNS"
        case .notConnected: "the provider does not accept connections; check the URL and that it runs"
        case .certificate: "the provider's certificate is not trusted for this URL; check its name and the CA file"
        case .tls: "TLS with the provider failed"
        case .timeout: "the provider does not answer in time"
        case .disconnected: "the provider closed the connection before its answer was complete"
        case .tooLong(let bytes): "the provider's answer is longer than \(bytes) bytes"
        case .status(401): "the provider answered 401; check the client's id and secret there"
        case .status(let status) where (300..<400).contains(status):
            "the provider answered \(status); redirects are not followed, configure the final URL"
        case .status(let status): "the provider answered \(status)"
        case .unreadable(let problem): "the provider's answer cannot be used: \(problem)"
        case .busy: "too many questions to the provider at once"
        case .stopped: "the client of the provider has been stopped"
        case .other(let reason): "the provider cannot be asked: \(reason)"
        }
    }
}

/// How the provider does, told when it changes.
public enum ProviderChange: Equatable, Sendable {
    /// It answers, for the first time or again.
    case answers
    /// It does not, for the first time since it last did.
    case fails(ProviderFailure)
}

/// Tells a change once, however often it is observed.
struct ProviderHealth: Sendable {
    private var answers: Bool?

    /// What to tell; nil if it is known.
    mutating func observe(_ failure: ProviderFailure?) -> ProviderChange? {
        guard answers != (failure == nil) else { return nil }
        answers = failure == nil
        return failure.map { .fails($0) } ?? .answers
    }
}
