import CallCore
import SIPBridge

/// The page `/calls`. Numbers are masked, whatever the log does: the page is for anybody who can connect.
struct LiveCallsPage: Encodable, Equatable {
    /// How many there are, those included that only finish their last transactions.
    let total: Int
    /// Some of them, the oldest first.
    let calls: [Entry]

    struct Entry: Encodable, Equatable {
        let mediaSessionId: String
        let callId: String?
        let correlator: String?
        let direction: String
        let trunk: String?
        let status: String
        let from: String
        let to: String
        /// Since its POST or INVITE.
        let ageSeconds: Double
    }

    init(_ calls: [LiveCall], total: Int) {
        self.total = total
        self.calls = calls.sorted { $0.age > $1.age }.map { call in
            let session = call.session
            return Entry(
                mediaSessionId: session.id.rawValue, callId: call.callID, correlator: session.correlator,
                direction: session.direction.rawValue, trunk: call.trunk, status: session.status.rawValue,
                from: NumberMask.maskedNumber(session.originatorAddress),
                to: NumberMask.maskedNumber(session.receiverAddress),
                ageSeconds: (call.age / .milliseconds(1)).rounded() / 1_000)
        }
    }
}
