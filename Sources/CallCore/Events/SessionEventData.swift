/// The `data` of `session-invitation` and `session-status`: CAMARA's `MediaSession` of the events API. Each one holds
/// the whole session as it was then, so a later one supersedes an earlier.
public struct SessionEventData: Hashable, Sendable, Decodable {
    /// An SDP body in its wrapper.
    public struct Description: Hashable, Sendable, Decodable {
        /// The description as it came, byte for byte.
        public var sdp: String

        /// Wraps a description.
        public init(sdp: String) { self.sdp = sdp }
    }

    /// The subscription it is told to.
    public var subscriptionID: SubscriptionID
    /// The caller, as CAMARA writes addresses.
    public var originatorAddress: String
    /// The caller's name.
    public var originatorName: String?
    /// The callee, as CAMARA writes addresses.
    public var receiverAddress: String
    /// The callee's name.
    public var receiverName: String?
    /// The status that the session has reached.
    public var status: SessionStatus
    /// The offer, if there is one.
    public var offer: Description?
    /// The answer, if there is one yet.
    public var answer: Description?
    /// v0.2 only.
    public var clientCorrelator: String?
    /// The session.
    public var mediaSessionID: SessionID
    /// v0.2 only: true if the invitation came without an offer and the client has to make one.
    public var offerRequired: Bool?
    /// Why the session has its status (mapping §2).
    public var reason: String?
    /// From 1, without a gap, per subscription and session.
    public var sequenceNumber: Int

    /// The event's view of `session`.
    /// - Parameters:
    ///   - sequenceNumber: counted by the caller per subscription and session; only the caller knows which events it raised.
    ///   - offerRequired: told in the dialects that have it, and only if true.
    public init(
        _ session: Session, subscription: SubscriptionID, dialect: EventDialect, sequenceNumber: Int,
        offerRequired: Bool = false
    ) {
        subscriptionID = subscription
        originatorAddress = session.originatorAddress
        originatorName = session.originatorName
        receiverAddress = session.receiverAddress
        receiverName = session.receiverName
        status = session.status
        offer = session.offer.map { Description(sdp: $0.text) }
        answer = session.answer.map { Description(sdp: $0.text) }
        mediaSessionID = session.id
        reason = session.reason
        self.sequenceNumber = sequenceNumber
        if dialect.hasCorrelatorAndOfferRequired {
            clientCorrelator = session.clientCorrelator
            self.offerRequired = offerRequired ? true : nil
        }
    }

    private enum CodingKeys: String, CodingKey {
        case subscriptionID = "subscriptionId"
        case originatorAddress, originatorName, receiverAddress, receiverName, status, offer, answer, clientCorrelator
        case mediaSessionID = "mediaSessionId"
        case offerRequired, reason, sequenceNumber
    }
}

extension SessionEventData: JSONWritable {
    /// Writes the event's `data`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("subscriptionId", subscriptionID.rawValue)
            json.member("originatorAddress", originatorAddress)
            json.member("originatorName", originatorName)
            json.member("receiverAddress", receiverAddress)
            json.member("receiverName", receiverName)
            json.member("status", status.rawValue)
            if let offer { json.member("offer") { $0.member("sdp", offer.sdp) } }
            if let answer { json.member("answer") { $0.member("sdp", answer.sdp) } }
            json.member("clientCorrelator", clientCorrelator)
            json.member("mediaSessionId", mediaSessionID.rawValue)
            json.member("offerRequired", offerRequired)
            json.member("reason", reason)
            json.member("sequenceNumber", sequenceNumber)
        }
    }
}

extension SessionID: Decodable {
    /// Reads the id as text.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }
}
