/// The bounds of the HTTP side. All of them hold for every connection, however many there are.
public struct HTTPLimits: Sendable, Equatable {
    /// Bytes of a request body; more is 413.
    public var body = 256 * 1024
    /// Bytes of a request line and headers together; more is 400.
    public var head = 16 * 1024
    /// Connections at a time. Further ones wait in the system's queue until one ends.
    public var connections = 4096
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

    /// The defaults.
    public init() {}
}
