import CallCore
import Foundation

/// A generator whose draws repeat.
struct Seeded: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

enum Samples {
    static let time = Date(timeIntervalSince1970: 1_730_785_223.682)

    /// A description as browsers write it: 1.1 KiB.
    static let sdp =
        "v=0\r\no=- 4576312012535546667 4 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 47510 UDP/TLS/RTP/SAVPF 111 8\r\n"
        + "c=IN IP4 192.0.2.7\r\n"
        + (1...9).map { "a=candidate:310887180\($0) 1 udp 2122262783 192.0.2.7 4751\($0) typ host generation 0\r\n" }
        .joined()
        + "a=ice-ufrag:47Nx\r\na=ice-pwd:ln3CttOSkObcQ7A0tYO1LXqy\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
        + "a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04\r\na=setup:actpass\r\na=sendrecv\r\n"

    static func session(_ status: SessionStatus = .ringing, reason: String? = nil) -> Session {
        Session(
            id: SessionID(rawValue: "0AEE1B58"), owner: SessionOwner(client: "client"),
            originatorAddress: "tel:+11234567899", originatorName: "Alice", receiverAddress: "tel:+11234998765",
            receiverName: "Bob", clientCorrelator: "c1", offer: try? SessionDescription(sdp),
            answer: try? SessionDescription(sdp), status: status, reason: reason, sequenceNumber: 3)
    }

    static func statusEvent(
        id: String, subscription: String = "s1", session: String = "0AEE1B58", sequenceNumber: Int = 1
    ) -> CloudEvent {
        var data = SessionEventData(
            self.session(), subscription: SubscriptionID(rawValue: subscription), dialect: .v02,
            sequenceNumber: sequenceNumber)
        data.mediaSessionID = SessionID(rawValue: session)
        return CloudEvent(id: id, source: "https://gateway.example", time: time, body: .sessionStatus(data))
    }

    static func endedEvent(id: String, subscription: String = "s1") -> CloudEvent {
        CloudEvent(
            id: id, source: "https://gateway.example", time: time,
            body: .subscriptionEnded(
                SubscriptionEndedData(
                    subscription: SubscriptionID(rawValue: subscription), reason: .subscriptionDeleted)))
    }
}
