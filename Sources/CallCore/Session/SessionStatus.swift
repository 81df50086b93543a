/// The status of a media session, named as CAMARA publishes it (`SessionStatus`, r2.2 and later).
public enum SessionStatus: String, Sendable, CaseIterable, Decodable {
    case initial = "Initial"
    case inProgress = "InProgress"
    case ringing = "Ringing"
    case proceeding = "Proceeding"
    case connected = "Connected"
    case terminated = "Terminated"
    case hold = "Hold"
    case resume = "Resume"
    case sessionCancelled = "SessionCancelled"
    case declined = "Declined"
    case failed = "Failed"
    case waiting = "Waiting"
    case noAnswer = "NoAnswer"
    case notReachable = "NotReachable"
    case busy = "Busy"

    /// Whether nothing follows this status.
    public var isFinal: Bool {
        switch self {
        case .terminated, .sessionCancelled, .declined, .failed, .noAnswer, .notReachable, .busy: true
        case .initial, .inProgress, .ringing, .proceeding, .connected, .hold, .resume, .waiting: false
        }
    }
}
