import CallCore
import Testing

@testable import SIPBridge

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers every time.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Trunk {
    /// A trusted trunk on a documentation address (RFC 5737).
    static func sample(
        port: UInt16 = 5060, isTrusted: Bool = true, numberFormat: NumberFormat = .sipE164,
        reliable1xx: Reliable1xx = .supported, inbound: [IPNetwork] = []
    ) -> Trunk {
        Trunk(
            name: "ims-core", peer: SIPAddress(transport: .udp, host: "192.0.2.1", port: port),
            domain: "ims.example", isTrusted: isTrusted, numberFormat: numberFormat, reliable1xx: reliable1xx,
            inbound: inbound)
    }
}

extension CallRequest {
    /// A call from +17085852753 to +17085854000.
    static func sample(
        id: String = "0AEE1B58", originator: Address? = nil, name: String? = nil, receiver: Address? = nil
    ) throws -> CallRequest {
        let caller = try #require(PhoneNumber("+17085852753"))
        let callee = try #require(PhoneNumber("+17085854000"))
        return CallRequest(
            id: SessionID(rawValue: id), owner: SessionOwner(client: "app"), identity: caller,
            originator: originator ?? .number(caller), receiver: receiver ?? .number(callee),
            originatorAddress: "tel:+17085852753", originatorName: name, receiverAddress: "tel:+17085854000",
            offer: try SessionDescription("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"),
            correlator: "test")
    }
}

extension Session {
    static func sample(
        _ id: String, owner: SessionOwner = SessionOwner(client: "app"), status: SessionStatus = .initial,
        reason: String? = nil
    ) -> Session {
        Session(
            id: SessionID(rawValue: id), owner: owner, originatorAddress: "tel:+17085852753",
            receiverAddress: "tel:+17085854000", status: status, reason: reason)
    }
}
