/// What an endpoint holds now, and what it has sent.
public struct EndpointStatistics: Equatable, Sendable {
    /// Calls that are not over, whoever has made them.
    public var liveCalls = 0
    /// The stack's dialogs.
    public var dialogs = 0
    /// Transactions of our requests, until their last timer has run out.
    public var clientTransactions = 0
    /// Transactions of the peer's requests, until their last timer has run out.
    public var serverTransactions = 0
    /// Requests sent again since the start.
    public var retransmittedRequests = 0
    /// Responses sent again since the start.
    public var retransmittedResponses = 0
    /// Messages sent since the start, repetitions among them.
    public var sentMessages = 0
    /// Messages received since the start, repetitions among them.
    public var receivedMessages = 0
}
