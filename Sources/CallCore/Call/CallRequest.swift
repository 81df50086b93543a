/// What an application asks for with POST …/sessions, authenticated and validated.
public struct CallRequest: Sendable {
    /// Chosen by the caller of ``CallControl/create(_:reply:)``, so that it can abandon the call before the answer.
    public var id: SessionID
    /// Who will own the session.
    public var owner: SessionOwner
    /// The verified number the call is made for; asserted towards trusted trunks (RFC 3325).
    public var identity: PhoneNumber?
    /// What From shows: the originator, or `anonymous`.
    public var originator: Address
    /// Whom to call.
    public var receiver: Address
    /// As written, for the session's representation.
    public var originatorAddress: String
    /// As written; shown to the callee, quoted.
    public var originatorName: String?
    /// As written, for the session's representation.
    public var receiverAddress: String
    /// As written, for the session's representation.
    public var receiverName: String?
    /// As given.
    public var callType: CallType?
    /// As given.
    public var clientCorrelator: String?
    /// Nil where the application will PUT its offer later.
    public var offer: SessionDescription?
    /// The device it is made with, where the request named its registration.
    public var device: SessionDevice?
    /// The request's x-correlator, for log lines and the call record.
    public var correlator: String
    /// Nil for most calls: those that are no emergency and carry no location.
    public var details: CallDetails?

    /// Takes every value as given.
    public init(
        id: SessionID, owner: SessionOwner, identity: PhoneNumber?, originator: Address, receiver: Address,
        originatorAddress: String, originatorName: String? = nil, receiverAddress: String, receiverName: String? = nil,
        callType: CallType? = nil, clientCorrelator: String? = nil, offer: SessionDescription? = nil,
        device: SessionDevice? = nil, correlator: String, details: CallDetails? = nil
    ) {
        self.details = details
        self.id = id
        self.owner = owner
        self.identity = identity
        self.originator = originator
        self.receiver = receiver
        self.originatorAddress = originatorAddress
        self.originatorName = originatorName
        self.receiverAddress = receiverAddress
        self.receiverName = receiverName
        self.callType = callType
        self.clientCorrelator = clientCorrelator
        self.offer = offer
        self.device = device
        self.correlator = correlator
    }
}

/// What an application asks for with PUT …/status, validated.
public struct SessionChange: Sendable, Equatable {
    /// The status asked for, if any.
    public var status: SessionStatus?
    /// A new or repeated offer.
    public var offer: SessionDescription?
    /// A new or repeated answer.
    public var answer: SessionDescription?
    /// Where the caller is now.
    public var location: Location?

    /// Takes every value as given.
    public init(
        status: SessionStatus? = nil, offer: SessionDescription? = nil, answer: SessionDescription? = nil,
        location: Location? = nil
    ) {
        self.location = location
        self.status = status
        self.offer = offer
        self.answer = answer
    }
}

/// How a PUT was carried out.
public enum SessionChangeResult: Sendable, Equatable {
    /// 200 with the session as it then is.
    case session(Session)
    /// 204: accepted; its outcome is told by an event.
    case accepted
}
