/// Why a look-up brought no record.
public enum ResolverError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such name (NXDOMAIN).
    case noSuchName
    /// The name exists and has no record of that type.
    case noSuchRecord
    /// No server answered in time.
    case timeout
    /// No server could be reached, or all answered that they cannot or will not: c-ares asks the next one in both cases and
    /// says the same of the last.
    case serverFailure
    /// It is no name of a host or service.
    case badName
    /// An answer came that cannot be read.
    case badAnswer
    /// More look-ups wait than may.
    case busy
    /// It was given up, or the resolver was stopped.
    case cancelled
    /// The machine or the library lacks something.
    case system(String)

    /// The cause and, where there is one, its remedy. Never a name or an address.
    public var description: String {
        switch self {
        case .noSuchName: "the name does not exist"
        case .noSuchRecord: "the name has no record of that type"
        case .timeout: "no name server answered in time; check the servers in /etc/resolv.conf"
        case .serverFailure: "no name server can be reached, or all failed; check the servers in /etc/resolv.conf"
        case .badName: "not a name that can be looked up"
        case .badAnswer: "a name server's answer cannot be read"
        case .busy: "too many look-ups wait; try again later"
        case .cancelled: "the look-up was given up"
        case .system(let reason): "name resolution: \(reason)"
        }
    }
}
