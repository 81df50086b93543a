/// Whether the gateway is to be given new calls, and why not.
enum Readiness: String, Sendable, Equatable {
    /// A trunk is usable and nothing stands in the way. One whose peers are not probed, or not yet, counts as usable.
    case ready
    /// The API does not listen yet.
    case starting
    /// The end has begun.
    case draining
    /// A thread that every call needs does not answer.
    case stalled
    /// No peer of any trunk answers, none of their names could be looked up yet, or none of the trunks that others answer for is
    /// registered.
    case noTrunk = "no usable trunk"

    /// - Parameters:
    ///   - isServing: the API has been opened.
    ///   - phase: how far the end is.
    ///   - isAlive: the SIP and HTTP threads answer.
    ///   - hasTrunk: a call could be sent somewhere.
    init(isServing: Bool, phase: Drain.Phase, isAlive: Bool, hasTrunk: Bool) {
        if phase != .serving {
            self = .draining
        } else if !isServing {
            self = .starting
        } else {
            self = !isAlive ? .stalled : hasTrunk ? .ready : .noTrunk
        }
    }

    var isReady: Bool { self == .ready }
}
