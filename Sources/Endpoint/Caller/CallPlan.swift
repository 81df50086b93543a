import CallCore
import SIPBridge

/// A call that the endpoint places: the network calls somebody.
public struct CallPlan: Equatable, Sendable {
    /// Whom to call.
    public var number: PhoneNumber
    /// Who calls.
    public var caller: PhoneNumber
    /// Where the INVITE goes; numeric.
    public var gateway: SIPAddress
    /// From the answer to our BYE.
    public var talk: Duration
    /// From the INVITE to the CANCEL, if nobody answers meanwhile; nil: as long as it takes.
    public var patience: Duration?
    /// Asked for one after the other while they talk, at equal distances.
    public var changes: [MediaChange]

    /// Takes every value as given.
    public init(
        number: PhoneNumber, caller: PhoneNumber, gateway: SIPAddress, talk: Duration = .seconds(5),
        patience: Duration? = nil, changes: [MediaChange] = []
    ) {
        self.number = number
        self.caller = caller
        self.gateway = gateway
        self.talk = talk
        self.patience = patience
        self.changes = changes
    }
}

/// How a placed call came out.
public enum CallOutcome: Equatable, Sendable {
    /// It was answered, and one of the two has hung up.
    case ended
    /// The final response that was no answer; 408 or 503 of the stack's own where nobody answered at all.
    case refused(Int)
    /// It was given up before an answer.
    case cancelled
    /// The INVITE could not be sent.
    case notSent
}
