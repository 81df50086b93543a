/// When new calls are refused because there is no time for them (docs/overload.md).
///
/// What has been taken is carried out in any case, and what waits behind it waits longer with each call more: past
/// saturation all calls would come too late at once. So calls are let in as long as they would be begun soon. As much
/// is done then as without a refusal, and what is begun is finished in time. Emergency calls are exempt: whoever asks has
/// looked for that before.
public struct OverloadPolicy: Sendable {
    /// How long a new call may wait.
    public struct Limits: Sendable, Equatable {
        /// For the call layer.
        public var layer: Duration
        /// Before that, for whoever takes requests: they refuse what comes behind it, and answer what comes in calls that
        /// are up.
        public var front: Duration

        /// Takes the times as given.
        public init(layer: Duration, front: Duration) {
            self.layer = layer
            self.front = front
        }
    }

    /// In a burst. A caller of the network has its 100 in time, and does not send its INVITE again (RFC 3261 §17.2.1: 200 ms).
    public let burst: Limits
    /// While calls are being refused (``OverloadPressure``).
    public let pressed: Limits
    private let limits: (burst: (UInt64, UInt64), pressed: (UInt64, UInt64))

    /// Takes the limits as given.
    public init(
        burst: Limits = Limits(layer: .milliseconds(200), front: .milliseconds(60)),
        pressed: Limits = Limits(layer: .milliseconds(50), front: .milliseconds(12))
    ) {
        self.burst = burst
        self.pressed = pressed
        limits = (
            (burst.layer.nanoseconds, burst.front.nanoseconds), (pressed.layer.nanoseconds, pressed.front.nanoseconds)
        )
    }

    /// Whether a new call is refused.
    /// - Parameters:
    ///   - backlog: how far the call layer is behind.
    ///   - waited: how long the call has waited already for whoever asks, in nanoseconds.
    ///   - isPressed: whether calls are being refused.
    public func refuses(_ backlog: CallBacklog, waited: UInt64 = 0, isPressed: Bool = false) -> Bool {
        let (layer, front) = isPressed ? limits.pressed : limits.burst
        return backlog.wait > layer || waited > front
    }

    /// Seconds for `Retry-After`, 1 to 4: those that are refused together shall not come back together.
    /// - Parameter draw: any random number.
    public static func retryAfter(draw: UInt64) -> Int { 1 + Int(draw % 4) }
}

/// How far the call layer is behind.
public struct CallBacklog: Sendable, Equatable {
    /// What it has been asked for and has not come to.
    public var waiting: Int
    /// How long it takes for each of these, with all that it does between them; in nanoseconds.
    public var each: UInt64
    /// For how long it has not read all that the network has sent, in nanoseconds.
    public var lag: UInt64

    /// Takes them as given.
    public init(waiting: Int = 0, each: UInt64 = 0, lag: UInt64 = 0) {
        self.waiting = waiting
        self.each = each
        self.lag = lag
    }

    /// How long something waits that it is asked for now, in nanoseconds.
    public var wait: UInt64 { max(UInt64(max(waiting, 0)) &* each, lag) }
}
