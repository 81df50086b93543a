/// A place a peer's requests may go to: an address, and what is known of it.
struct PeerTarget: Sendable {
    let address: SIPAddress
    /// The address as a URI: written once, named in every request.
    let uri: String
    /// Which of the trunk's peers it is of.
    let hop: Int
    /// Among the addresses of that peer (RFC 2782).
    var priority: Int
    var weight: UInt16
    /// The peer's name does not lead here any more; calls may still be going on.
    var isRetired = false
    var standing = PeerStanding()
    var health = PeerHealth()

    /// - Parameter name: over TLS, what the peer's certificate must be for (RFC 5922); nil: the address.
    init(_ address: SIPAddress, name: String?, hop: Int, priority: Int = 0, weight: UInt16 = 0) {
        self.address = address
        uri = address.transport == .tls ? name.map(address.uri) ?? address.uri : address.uri
        self.hop = hop
        self.priority = priority
        self.weight = weight
    }

    /// Whether a call may go there at all.
    var isAlive: Bool { !isRetired && health.state != .down }

    /// Whether a new call is sent there gladly.
    func isUsable(at now: UInt64) -> Bool { isAlive && !standing.isLeftAlone(at: now) }
}
