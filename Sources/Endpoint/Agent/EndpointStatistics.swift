/// What an endpoint holds now, and what it has sent.
public struct EndpointStatistics: Equatable, Sendable {
    /// Calls that are not over, whoever has made them.
    public var liveCalls = 0
    public var dialogs = 0
    public var clientTransactions = 0
    public var serverTransactions = 0
    /// Since the start.
    public var retransmittedRequests = 0
    public var retransmittedResponses = 0
    public var sentMessages = 0
    public var receivedMessages = 0
}
