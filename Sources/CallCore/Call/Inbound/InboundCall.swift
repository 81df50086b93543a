/// The life of a call that comes from the network: one value, `(state, event) → (state, [action])`.
///
/// The network sees one dialog; each registered device of the number has a session of its own (mapping §3). Like
/// ``OutboundCall`` it decides and owns nothing: whoever drives it carries out the actions in order. The driver's SIP
/// stack repeats responses and watches for PRACK and ACK (64·T1); it reports their absence as
/// ``Event/unacknowledged``.
public struct InboundCall: Sendable, Hashable {
    /// The devices that were invited, with their sessions; in the order given, the index is the device's name.
    public internal(set) var devices: [Device]
    /// Where the call is in its life.
    public internal(set) var phase = Phase.new

    let invite: InboundInvite
    let policy: InboundPolicy
    var provisional = ProvisionalState()
    /// Our description as it went out, whoever's it was.
    var sentDescription: SessionDescription?
    /// It went out in a message that is acknowledged: no later one repeats it (RFC 6337 §2.2).
    var isDescriptionSettled = false
    var isAcknowledged = false
    /// A BYE of ours was sent and not answered.
    var awaitsBye = false
    var byeResends = 0
    /// Why we end an answered call.
    var end: OutboundCall.EndCause?
    /// What the session says of an end that no ``end`` describes.
    var endText: String?
    /// Offer and answer in the confirmed dialog; nil before both sides have described themselves and once the call ends.
    var negotiation: Negotiation?
    /// The PUT that waits for the network; nil while none does.
    var waiting: Waiting?
    var hasFinished = false

    /// How often a BYE that could not be sent is tried again.
    static let maximumResends = 3

    /// - Parameter sessions: one for each device that is invited, at least one, all `Initial`. In an offerless call they
    ///   have no offer, in any other the caller's.
    public init(invite: InboundInvite, sessions: [Session], policy: InboundPolicy) {
        self.invite = invite
        self.policy = policy
        devices = sessions.map { Device(session: $0) }
    }

    /// Where a call is in its life.
    public enum Phase: Sendable, Hashable {
        case new
        /// The INVITE waits for a device.
        case ringing
        /// A device answered; the 200 waits for the PRACK of an earlier response (RFC 3262 §3).
        case answering(device: Int)
        /// The 200 was sent; its ACK may still have to come.
        case connected(device: Int)
        /// Our BYE is on its way, or waits for the ACK (RFC 3261 §15).
        case ending(device: Int)
        case ended
    }

    /// A device of the called number.
    public struct Device: Sendable, Hashable {
        /// The session as the device's application sees it.
        public internal(set) var session: Session
        /// Its own description: the answer, or the offer of an offerless call.
        var description: SessionDescription?
        /// What the network is told if no other device takes the call; nil while it may.
        var refusal: Refusal?

        /// Whether the device may still take the call, or has taken it.
        public var isAlive: Bool { !session.status.isFinal }
    }

    /// What happens to a call.
    public enum Event: Sendable {
        case start
        /// A device's PUT; answered by exactly one ``Action/reply(device:_:)``.
        case change(device: Int, SessionChange)
        /// A device's DELETE.
        case hangUp(device: Int)
        /// The whole call is to end: the gateway shuts down, a limit was reached.
        case end(OutboundCall.EndCause)
        /// The caller's CANCEL; already answered 200. `isAnsweredElsewhere`: its Reason is `SIP;cause=200`.
        case cancel(reason: String?, isAnsweredElsewhere: Bool)
        /// The PRACK of the reliable response that waits for one.
        case prack(SessionDescription?)
        case ack(SessionDescription?)
        /// No ACK for the 200, or no PRACK, in 64·T1.
        case unacknowledged
        /// The peer's BYE; already answered 200.
        case bye(reason: String?)
        /// Our BYE was answered, or failed in the stack (`isInternal`).
        case byeAnswered(status: Int, isInternal: Bool)
        /// A response to the INVITE could not be sent.
        case transportFailure
        /// A change of the media or a refresh in mid-call, by the peer; or what became of ours.
        case negotiation(Negotiation.Event)
        case timer(CallTimer)
    }

    /// What is to be done for a call.
    public enum Action: Sendable, Equatable {
        /// Show the device's session and send `session-invitation`.
        case invite(device: Int)
        /// The device's session changed: show it and tell it.
        case publish(device: Int)
        /// The device's session changed by its own doing: show it; there is nothing to tell.
        case show(device: Int)
        case provisional(Provisional)
        /// 200 to the INVITE, with a description unless one was settled before.
        case answer(SessionDescription?)
        /// A final response to the INVITE that is not a 2xx.
        case refuse(status: Int, retryAfter: Int?)
        case bye(reason: String)
        /// Answer the PUT that is being carried out. One that gets no such answer waits for ``replyWaiting(device:_:)``.
        case reply(device: Int, Reply)
        /// Answer the PUT that waits.
        case replyWaiting(device: Int, Reply)
        /// A step of a change in mid-call.
        case negotiate(Negotiation.Action)
        case start(CallTimer, Duration)
        case stop(CallTimer)
        /// Nothing is left of the call but its sessions.
        case finish
    }

    /// A PUT that waits for the network.
    struct Waiting: Sendable, Hashable {
        var device: Int
        /// If the network agrees it is answered with the session, else without content.
        var showsSession: Bool
    }

    /// How a PUT is answered.
    public enum Reply: Sendable, Equatable {
        /// 200 with the session as it now is.
        case session
        /// 204.
        case accepted
        case refused(CAMARAError)
    }

    /// A provisional response above 100.
    public struct Provisional: Sendable, Hashable {
        /// 180, 182 or 183.
        public var status: Int
        /// Our description, where it goes out with this response.
        public var description: SessionDescription?
        /// To be acknowledged with PRACK (RFC 3262).
        public var isReliable: Bool

        /// Takes every value as given.
        public init(status: Int, description: SessionDescription? = nil, isReliable: Bool = false) {
            self.status = status
            self.description = description
            self.isReliable = isReliable
        }
    }

    /// What the network was told while it waits, and what it is to be told next.
    struct ProvisionalState: Sendable, Hashable {
        /// The best status that a device has reported.
        var wanted: Int?
        var sent: Int?
        /// A reliable response without its PRACK: the next one waits (RFC 3262 §3).
        var unacknowledged: Provisional?
    }

    /// Takes an event, changes the state, and says what is to be done, in order.
    public mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .start: start(&actions)
        case .change(let device, let change): take(change, of: device, &actions)
        case .hangUp(let device): hangUp(device, &actions)
        case .end(let cause): end(cause, &actions)
        case .cancel(let reason, let isAnsweredElsewhere):
            cancel(reason: reason, isAnsweredElsewhere: isAnsweredElsewhere, &actions)
        case .prack(let description): prackReceived(description, &actions)
        case .ack(let description): ackReceived(description, &actions)
        case .unacknowledged: unacknowledged(&actions)
        case .bye(let reason): byeReceived(reason: reason, &actions)
        case .byeAnswered(let status, let isInternal): byeAnswered(status: status, isInternal: isInternal, &actions)
        case .transportFailure: transportFailure(&actions)
        case .negotiation(let event): negotiate(event, &actions)
        case .timer(let timer): fire(timer, &actions)
        }
        settleNegotiation(&actions)
        finishIfSettled(&actions)
        return actions
    }

    private mutating func start(_ actions: inout [Action]) {
        guard phase == .new, !devices.isEmpty else { return }
        phase = .ringing
        actions.append(.start(.ring, policy.ring))
        for device in devices.indices {
            // The first event of a session is number 1.
            devices[device].session.sequenceNumber = 1
            actions.append(.invite(device: device))
        }
    }

    // MARK: - Telling

    /// Gives a device's session another status and tells it. No status follows a final one.
    mutating func setStatus(
        _ status: SessionStatus, reason: String? = nil, of device: Int, _ actions: inout [Action]
    ) {
        guard devices[device].isAlive else { return }
        devices[device].session.status = status
        devices[device].session.reason = reason.map(OutboundCall.bounded)
        devices[device].session.sequenceNumber += 1
        actions.append(.publish(device: device))
    }

    /// The final status of every session that has none, and the end of the call.
    mutating func conclude(_ status: SessionStatus, reason: String?, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        phase = .ended
        for device in devices.indices { setStatus(status, reason: reason, of: device, &actions) }
        for timer in CallTimer.allCases where timer != .resend { actions.append(.stop(timer)) }
        if !awaitsBye { actions.append(.stop(.resend)) }
    }

    private mutating func finishIfSettled(_ actions: inout [Action]) {
        guard phase == .ended, !awaitsBye, !hasFinished else { return }
        hasFinished = true
        actions.append(.finish)
    }
}
