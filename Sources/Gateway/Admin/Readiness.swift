/// Whether the gateway is to be given new calls, and why not.
enum Readiness: String, Sendable, Equatable {
    /// A trunk is usable and nothing stands in the way. Trunks are not probed: every one counts as usable, and a
    /// configuration has at least one.
    case ready
    /// The API does not listen yet.
    case starting
    /// The end has begun.
    case draining
    /// A thread that every call needs does not answer.
    case stalled

    /// - Parameters:
    ///   - isServing: the API has been opened.
    ///   - phase: how far the end is.
    ///   - isAlive: the SIP and HTTP threads answer.
    init(isServing: Bool, phase: Drain.Phase, isAlive: Bool) {
        if phase != .serving {
            self = .draining
        } else if !isServing {
            self = .starting
        } else {
            self = isAlive ? .ready : .stalled
        }
    }

    var isReady: Bool { self == .ready }
}
