/// What an application asks for with POST …/sessions, authenticated and validated.
public struct CallRequest: Sendable {
    /// Chosen by the caller of ``CallControl/create(_:reply:)``, so that it can abandon the call before the answer.
    public var id: SessionID
    public var owner: SessionOwner
    /// The verified number the call is made for; asserted towards trusted trunks (RFC 3325).
    public var identity: PhoneNumber?
    /// What From shows: the originator, or `anonymous`.
    public var originator: Address
    public var receiver: Address
    public var originatorAddress: String
    public var originatorName: String?
    public var receiverAddress: String
    public var receiverName: String?
    public var callType: CallType?
    public var clientCorrelator: String?
    /// Nil where the application will PUT its offer later.
    public var offer: SessionDescription?
    /// The request's x-correlator, for log lines and the call record.
    public var correlator: String

    public init(
        id: SessionID, owner: SessionOwner, identity: PhoneNumber?, originator: Address, receiver: Address,
        originatorAddress: String, originatorName: String? = nil, receiverAddress: String, receiverName: String? = nil,
        callType: CallType? = nil, clientCorrelator: String? = nil, offer: SessionDescription? = nil, correlator: String
    ) {
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
        self.correlator = correlator
    }
}

/// What an application asks for with PUT …/status, validated.
public struct SessionChange: Sendable, Equatable {
    public var status: SessionStatus?
    public var offer: SessionDescription?
    public var answer: SessionDescription?

    public init(status: SessionStatus? = nil, offer: SessionDescription? = nil, answer: SessionDescription? = nil) {
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
