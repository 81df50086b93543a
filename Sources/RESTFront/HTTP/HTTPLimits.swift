/// The bounds of the HTTP side. All of them hold for every connection, however many there are.
public struct HTTPLimits: Sendable, Equatable {
    /// Bytes of a request body; more is 413.
    public var body = 256 * 1024
    /// Bytes of a request line and headers together; more is 400.
    public var head = 16 * 1024
    /// Connections at a time. Where every place is taken, the one that has been longest about its request or its handshake
    /// gives way to the next; where none can, that one waits in the system's queue.
    public var connections = 4096
    /// Of them those from one IPv4 address or one /64 of IPv6; one more is closed at once. Not those from the loopback, where a
    /// proxy may stand before all the clients there are.
    public var connectionsOfOneSource = 256
    /// Whether loopback addresses are sources like any other.
    var boundsLoopback = false
    /// From a request's first byte (or a connection's begin) to its last byte. What takes longer is cut off, however
    /// busily it sends.
    public var request: Duration = .seconds(10)
    /// From the end of a response to the first byte of the next request.
    public var idle: Duration = .seconds(75)
    /// From a response's begin to its last byte in the system's hands.
    public var response: Duration = .seconds(10)
    /// How long the call layer may take for an answer; then 504. Above every timer a POST or PUT can wait for. What the
    /// token's provider takes before comes on top.
    public var answer: Duration = .seconds(90)
    /// At the end, how long the last answers may take to leave.
    var farewell: Duration = .seconds(1)

    /// The defaults.
    public init() {}
}
