/// A way a call may take: a trunk, and one of its peers. A call has them in the order to be tried.
public struct TrunkChoice: Sendable, Hashable {
    /// `failover.statuses`.
    public var failoverStatuses: Set<Int>
    /// `failover.noResponse`: without any response, when the next choice is tried.
    public var noResponse: Duration
    // Half a word each: every call that lives has one of these for each of its choices, and for each INVITE.
    private var trunkIndex: Int32
    private var peerIndex: Int32

    /// Index of the trunk in the configuration.
    public var trunk: Int {
        get { Int(trunkIndex) }
        set { trunkIndex = Int32(clamping: newValue) }
    }

    /// Which of the trunk's peers, as whoever made the choice counts them.
    public var peer: Int {
        get { Int(peerIndex) }
        set { peerIndex = Int32(clamping: newValue) }
    }

    /// Takes every value as given.
    public init(
        trunk: Int, peer: Int = 0, failoverStatuses: Set<Int> = [408, 491, 500, 502, 503, 504],
        noResponse: Duration = .seconds(4)
    ) {
        trunkIndex = Int32(clamping: trunk)
        peerIndex = Int32(clamping: peer)
        self.failoverStatuses = failoverStatuses
        self.noResponse = noResponse
    }
}
