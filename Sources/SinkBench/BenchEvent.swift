import CallCore
import Foundation

/// A `session-status` with an offer and an answer of 1 KiB each, as browsers make them.
enum BenchEvent {
    private static let sdp =
        "v=0\r\no=- 4576312012535546667 4 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 47510 UDP/TLS/RTP/SAVPF 111 8\r\n"
        + "c=IN IP4 192.0.2.7\r\n"
        + (1...9).map { "a=candidate:310887180\($0) 1 udp 2122262783 192.0.2.7 4751\($0) typ host generation 0\r\n" }
        .joined()
        + "a=ice-ufrag:47Nx\r\na=ice-pwd:ln3CttOSkObcQ7A0tYO1LXqy\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"

    static func make(id: String, subscription: String, session: String, number: Int) -> CloudEvent {
        let session = Session(
            id: SessionID(rawValue: session), owner: SessionOwner(client: "client"),
            originatorAddress: "tel:+11234567899", originatorName: "Alice", receiverAddress: "tel:+11234998765",
            receiverName: "Bob", clientCorrelator: "79520148-0e79-4bd8-adbf-d04c463de6ba",
            offer: try? SessionDescription(sdp), answer: try? SessionDescription(sdp), status: .connected,
            reason: "SIP 200 OK")
        let data = SessionEventData(
            session, subscription: SubscriptionID(rawValue: subscription), dialect: .v02, sequenceNumber: number)
        return CloudEvent(id: id, source: "https://gateway.example", time: .now, body: .sessionStatus(data))
    }

    /// A delivery of such an event: the `number`th of all, about one of many sessions.
    static func delivery(_ number: Int, session: Int, to sink: SinkURL, bound: TimeInterval) -> Delivery {
        let subscription = "subscription-\(sink.port)-\(session % 100)"
        let media = "0AEE1B58BAEEDA3EABA42B32EBB3DFE0-\(session)"
        let event = make(id: "e\(number)", subscription: subscription, session: media, number: number / 1_000 + 1)
        return Delivery(
            subscription: SubscriptionID(rawValue: subscription), session: SessionID(rawValue: media), sink: sink,
            credential: nil, event: event, correlator: "b4333c46-49c0-4f62-80d7-f0ef930f1c46",
            bound: Date.now.addingTimeInterval(bound))
    }
}
