/// A response to the initial INVITE, taken out of the SIP stack: what the call's decisions need and nothing else.
public struct InviteResponse: Sendable, Equatable {
    /// 100…699.
    public var status: Int
    /// The reason phrase as sent; may be empty.
    public var phrase: String
    /// Made by the stack, not by the network: 408 for Timer B, 503 for a transport failure.
    public var isInternal: Bool
    /// Names the dialog the response belongs to (RFC 3261 §12.1.2); nil in a 100.
    public var toTag: String?
    /// RSeq where the response is reliable (RFC 3262 §7.1).
    public var rseq: UInt32?
    /// CSeq number of the INVITE answered; PRACK and ACK repeat it.
    public var cseq: UInt32
    /// The session description, if the body is one of good form.
    public var sdp: SessionDescription?
    /// The Reason header as sent, first value.
    public var reason: String?
    /// The cause of the first Q.850 value of Reason.
    public var q850: Int?
    /// Seconds.
    public var retryAfter: Int?
    /// Min-SE of a 422, seconds (RFC 4028 §5).
    public var minSE: UInt32?
    /// Session-Expires of a 2xx, seconds, and whether we are to refresh.
    public var sessionExpires: UInt32?
    /// Whether Session-Expires makes us the refresher.
    public var refresherIsUAC: Bool
    /// Whether Allow names UPDATE (RFC 3311).
    public var allowsUpdate: Bool
    /// Where a 3xx leads, if its Contact names the host of a configured trunk (mapping §2).
    public var redirect: Redirect?
    /// A 380 whose body asks for an emergency call, from a trusted trunk (emergency 7), or a redirection to an emergency
    /// number.
    public var asksForEmergency: Bool
    /// A challenge that the trunk's credentials may still answer: the INVITE is to be sent again.
    public var isAnswerable = false
    /// Where that emergency call goes; nil: nowhere, the application has to dial natively.
    public var emergency: EmergencyTarget?
    /// The INVITE had a location, which the response refuses (RFC 6442 §4.3), or a body that could not be read.
    public var refusesLocation = false
    /// What a provisional response says of the media before the answer; nil where it says nothing.
    public var earlyMedia: EarlyMedia?
    /// What holds for a dialog that has said nothing of them (configuration `trunks[].earlyMedia`).
    public var usualEarlyMedia = EarlyMedia.played
    /// The shortest session interval there may be, seconds.
    public var leastInterval: UInt8 = 90

    /// Takes every value as given.
    public init(
        status: Int, phrase: String = "", isInternal: Bool = false, toTag: String? = nil, rseq: UInt32? = nil,
        cseq: UInt32 = 1, sdp: SessionDescription? = nil, reason: String? = nil, q850: Int? = nil,
        retryAfter: Int? = nil, minSE: UInt32? = nil, sessionExpires: UInt32? = nil, refresherIsUAC: Bool = false,
        allowsUpdate: Bool = false, redirect: Redirect? = nil, asksForEmergency: Bool = false
    ) {
        self.status = status
        self.phrase = phrase
        self.isInternal = isInternal
        self.toTag = toTag
        self.rseq = rseq
        self.cseq = cseq
        self.sdp = sdp
        self.reason = reason
        self.q850 = q850
        self.retryAfter = retryAfter
        self.minSE = minSE
        self.sessionExpires = sessionExpires
        self.refresherIsUAC = refresherIsUAC
        self.allowsUpdate = allowsUpdate
        self.redirect = redirect
        self.asksForEmergency = asksForEmergency
    }

    /// `SIP 486 Busy Here; Q.850;cause=17`: what the session's `reason` says (mapping §2).
    public var reasonText: String {
        var text = "SIP \(status)"
        if !phrase.isEmpty { text += " \(phrase)" }
        if let reason { text += "; \(reason)" }
        return text
    }

    var final: FinalResponse {
        if isInternal { return status == 408 ? .noResponse : .transportFailure }
        return .sip(status: status, q850: q850)
    }
}

/// A redirection that may be followed: to a configured trunk, with another user part.
public struct Redirect: Sendable, Equatable {
    /// Index of the trunk in the configuration.
    public var trunk: Int
    /// Which of its peers, as ``TrunkChoice/peer``.
    public var peer: Int
    /// The user part the network redirected to; not yet checked.
    public var user: String
    /// Header lines that the INVITE following it repeats; nil: none.
    public var headers: String?

    /// Takes every value as given.
    public init(trunk: Int, peer: Int = 0, user: String, headers: String? = nil) {
        self.trunk = trunk
        self.peer = peer
        self.user = user
        self.headers = headers
    }
}

/// An emergency call that the network asks for in place of the one it was sent.
public struct EmergencyTarget: Sendable, Equatable {
    /// `sos` or below (RFC 5031).
    public var service: String
    /// The trunks that take it, first choice first.
    public var choices: [TrunkChoice]

    /// Takes every value as given.
    public init(service: String, choices: [TrunkChoice]) {
        self.service = service
        self.choices = choices
    }
}

/// What becomes of a description that an 18x brings (RFC 5009).
public enum EarlyMedia: Sendable, Hashable {
    /// The network sends: the application plays it.
    case played
    /// It does not: the application makes its own ringback, and the description counts from the answer on.
    case silent
}
