import CallCore
import Foundation

/// How the SIP side runs; made from the configuration.
public struct SIPOptions: Sendable {
    /// What a request from no trunk's network gets (`sip.unknownSource`).
    public enum UnknownSource: String, Sendable {
        /// 403
        case reject
        /// No answer at all.
        case drop
    }

    /// Where SIP is received and sent from.
    public var listen: [SIPAddress]
    /// What TLS connections are made with; needed by a listener that has TLS.
    public var tls: TLSFiles?
    /// Host put in Via and Contact; nil: the bound address.
    public var advertise: String?
    /// Host of From and P-Asserted-Identity.
    public var domain: String
    /// The product's name in User-Agent.
    public var userAgent: String
    /// T1 of RFC 3261 §17.
    public var t1: Duration
    /// T2 of RFC 3261 §17.
    public var t2: Duration
    /// Timer B and F, 64·T1 of RFC 3261 §17.
    public var timerB: Duration
    /// How long a connection over TCP or TLS stays open that carries nothing, or never has; 100 ms or more. One that a
    /// transaction still uses is not closed.
    public var connectionIdle: Duration = .seconds(180)
    /// How long the rest of a message may fail to come on such a connection; 100 ms or more.
    public var messageStutter: Duration = .seconds(32)
    /// How long a TLS handshake may take, at either end; 100 ms or more.
    public var handshakeTime: Duration = .seconds(10)
    /// How many connections may be open to us.
    public var connectionLimits = ConnectionLimits(descriptors: 1_024)
    /// What a request from no trunk's network gets.
    public var unknownSource: UnknownSource
    /// Index and order as in the configuration.
    public var trunks: [Trunk]
    /// Which trunks a receiver's calls may take.
    public var routes: RouteTable
    /// The trunks that take emergency calls, by index, first choice first; empty: none does.
    public var emergencyTrunks: [Int] = []
    /// Where a redirection may not lead: an emergency call is never sent as an ordinary one (emergency 2).
    public var emergencyNumbers = EmergencyNumbers.none
    /// The limits calls are carried out by.
    public var policy: CallPolicy
    /// Calls alive at once; beyond it a POST gets 503.
    public var maximumLiveCalls: Int
    /// When new calls are refused because there is no time for them.
    public var overload = OverloadPolicy()
    /// Calls are refused like those that are too many until ``SIPAgent/takeCalls()``: who tells of them is not there before.
    public var startsClosed = false
    /// What is kept of ended sessions.
    public var retention: SessionStore.Retention
    /// Where live calls are kept over a crash; nil: nowhere.
    public var calls: (any StoredCalls)?
    /// Whom the network's calls are for; nil: no number is served.
    public var directory: (any InboundDirectory)?
    /// Monotonic nanoseconds; injected so that timers can be tested.
    public var clock: @Sendable () -> UInt64
    /// The time of day, for locations that have no time of their own.
    public var now: @Sendable () -> Date = { Date() }
    /// Told on the SIP thread about every change of a session that its owner knows.
    public var onSessionChange: (@Sendable (Session) -> Void)?
    /// Told on the SIP thread about every session that a call of the network has made, once and before any change of it. The
    /// session is shown already. `offerRequired`: the INVITE brought no offer, the device's PUT has to.
    public var onInvitation: (@Sendable (_ session: Session, _ offerRequired: Bool) -> Void)?
    /// Told on the SIP thread about every call that has ended, once; of those that applications made, also of those whose
    /// POST was answered with an error.
    public var onCallEnd: (@Sendable (CallRecord) -> Void)?
    /// Told on the SIP thread that the network has ended the registration of a number that applications rely on.
    public var onAccountLost: (@Sendable (PhoneNumber) -> Void)?
    /// Told on the SIP thread when it begins that calls are refused for want of time, and when it has ended.
    public var onOverload: (@Sendable (OverloadSpell.Notice) -> Void)?
    /// Told on the SIP thread about every emergency call when it begins.
    public var onEmergencyCall: (@Sendable (EmergencyNotice) -> Void)?
    /// Told on the SIP thread what an operator has to mend.
    public var onAlarm: (@Sendable (_ trunk: String, _ message: String) -> Void)?
    /// Told on the SIP thread, once a minute at most, why a connection from no trunk's network has come to nothing.
    public var onStranger: (@Sendable (_ message: String) -> Void)?

    /// Name servers as `address:port`, separated by commas, in place of the system's.
    public var nameServers: String?
    /// Told on the SIP thread about every change of a peer's state.
    public var onPeerChange: (@Sendable (PeerReport) -> Void)?

    /// Takes every value as given.
    public init(
        listen: [SIPAddress], advertise: String? = nil, domain: String, userAgent: String = "gateway",
        t1: Duration = .milliseconds(500), t2: Duration = .seconds(4), timerB: Duration = .seconds(32),
        unknownSource: UnknownSource = .reject, trunks: [Trunk], routes: RouteTable, policy: CallPolicy = CallPolicy(),
        maximumLiveCalls: Int = 100_000, retention: SessionStore.Retention = .init(),
        clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now
    ) {
        self.listen = listen
        self.advertise = advertise
        self.domain = domain
        self.userAgent = userAgent
        self.t1 = t1
        self.t2 = t2
        self.timerB = timerB
        self.unknownSource = unknownSource
        self.trunks = trunks
        self.routes = routes
        self.policy = policy
        self.maximumLiveCalls = maximumLiveCalls
        self.retention = retention
        self.clock = clock
    }
}
