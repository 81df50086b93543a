import CallCore
import SIPBridge

/// How the endpoint runs.
public struct EndpointOptions: Sendable {
    /// Numeric addresses; port 0 for an ephemeral one.
    public var listen: [SIPAddress]
    /// Calls alive at once; beyond it an INVITE gets 503.
    public var maximumCalls: Int
    /// Told a line, without its end, for every SIP message, on the SIP thread; nil: nothing is put together at all.
    public var onLine: (@Sendable (String) -> Void)?
    /// Monotonic nanoseconds; injected so that a test need not wait for it.
    public var clock: @Sendable () -> UInt64
    /// Milliseconds since midnight, for the lines.
    public var timeOfDay: @Sendable () -> Int
    /// T1 of RFC 3261 §17.
    public var t1: Duration
    /// 64·T1 of RFC 3261 §17: how long an ACK or a PRACK is waited for.
    public var timerB: Duration
    /// The host that Via and Contact name; nil: the bound address.
    public var advertise: String?
    /// What is done for a number dialled; nil: ``EndpointNumber/table`` says. Called more than once for a call.
    package var script: (@Sendable (String) -> EndpointScript)?

    /// Options for a machine's own clock, unless told otherwise.
    public init(
        listen: [SIPAddress], maximumCalls: Int = 10_000, onLine: (@Sendable (String) -> Void)? = nil,
        clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now,
        timeOfDay: @escaping @Sendable () -> Int = TimeOfDay.now,
        t1: Duration = .milliseconds(500), timerB: Duration = .seconds(32)
    ) {
        self.listen = listen
        self.maximumCalls = maximumCalls
        self.onLine = onLine
        self.clock = clock
        self.timeOfDay = timeOfDay
        self.t1 = t1
        self.timerB = timerB
    }
}

/// Why the endpoint did not start.
public enum EndpointStartError: Error, CustomStringConvertible, Sendable {
    /// The event loop could not be made.
    case noResources
    /// `cause` is the system's own text.
    case cannotListen(SIPAddress, cause: String)

    /// For the operator: which address, why, and what to do.
    public var description: String {
        switch self {
        case .noResources: "not enough memory or file descriptors to start"
        case .cannotListen(let address, let cause):
            "cannot listen on \(address.transport.rawValue):\(address.bracketedHost):\(address.port): \(cause); "
                + "free the address, or give another one with --listen"
        }
    }
}

extension SIPAddress {
    /// The host as a URI or a command line writes it.
    var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}
