/// A media session as the API shows it: a snapshot, never the live call.
///
/// The texts of addresses and names are kept as the application wrote them, because CAMARA's responses repeat them;
/// what goes to the network is built from ``Identity`` and ``Destination``.
public struct Session: Sendable, Hashable {
    /// The `mediaSessionId`.
    public let id: SessionID
    /// Who started its call.
    public let direction: SessionDirection
    /// Who may see and end it.
    public let owner: SessionOwner
    /// As the application wrote it.
    public let originatorAddress: String
    /// As the application wrote it.
    public let originatorName: String?
    /// As the application wrote it.
    public let receiverAddress: String
    /// As the application wrote it.
    public let receiverName: String?
    /// As the application gave it; emergency, where the network has made the call one.
    public internal(set) var callType: CallType?
    /// The application's own mark; repeated, never read.
    public let clientCorrelator: String?
    /// The device it belongs to; nil where its request named no registration.
    public let device: SessionDevice?
    /// The x-correlator of the request that made it, for the events it causes; nil for one that a call from the network made.
    public let correlator: String?
    /// The caller's side of the media, byte for byte: the client's, or the network's where the network calls. In a call whose
    /// INVITE brought no offer it is the client's all the same.
    public var offer: SessionDescription?
    /// The other side's: the network's, as the newest early or the confirmed dialog brought it, or the client's.
    public var answer: SessionDescription?
    /// Where the call is.
    public var status: SessionStatus
    /// Why the session has this status, as the SIP line plus its Reason header; nil while nothing needs saying.
    public var reason: String?
    /// Number of the last status event, from 1; 0 before the first.
    public var sequenceNumber: Int

    /// Takes every value as given.
    public init(
        id: SessionID, direction: SessionDirection = .outbound, owner: SessionOwner, originatorAddress: String,
        originatorName: String? = nil, receiverAddress: String, receiverName: String? = nil,
        callType: CallType? = nil, clientCorrelator: String? = nil, device: SessionDevice? = nil,
        correlator: String? = nil,
        offer: SessionDescription? = nil, answer: SessionDescription? = nil,
        status: SessionStatus = .initial, reason: String? = nil, sequenceNumber: Int = 0
    ) {
        self.id = id
        self.direction = direction
        self.owner = owner
        self.originatorAddress = originatorAddress
        self.originatorName = originatorName
        self.receiverAddress = receiverAddress
        self.receiverName = receiverName
        self.callType = callType
        self.clientCorrelator = clientCorrelator
        self.device = device
        self.correlator = correlator
        self.offer = offer
        self.answer = answer
        self.status = status
        self.reason = reason
        self.sequenceNumber = sequenceNumber
    }
}

/// CAMARA's `callType`; absent means regular.
public enum CallType: String, Sendable, CaseIterable {
    case regular = "REGULAR"
    case emergency = "EMERGENCY"
}
