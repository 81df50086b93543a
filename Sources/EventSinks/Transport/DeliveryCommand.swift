import CallCore

/// What other threads ask of the delivery thread.
enum DeliveryCommand: Sendable {
    /// - Parameter isKept: an earlier run has left it, and the store has it.
    case deliver(Delivery, at: UInt64, isKept: Bool)
    case replaceCredential(SinkCredential?, SubscriptionID)
    case cancel(SubscriptionID)
    /// Ends the thread once nothing is pending, at `deadline` at the latest, and tells how many events are left.
    case stop(deadline: UInt64, CheckedContinuation<Int, Never>)
}

extension Delivery {
    /// It waits for all others of its subscription, and none follows it.
    var isLast: Bool { event.type.kind == .subscriptionEnded }

    /// About what it occupies, without encoding it.
    var roughSize: Int {
        switch event.body {
        case .sessionInvitation(let data), .sessionStatus(let data):
            2_048 + (data.offer?.sdp.utf8.count ?? 0) + (data.answer?.sdp.utf8.count ?? 0)
        case .registrationEnds, .subscriptionEnded: 2_048
        }
    }
}
