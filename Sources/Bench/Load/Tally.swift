/// Why a call was not complete.
enum Failure: Hashable {
    case timeout(Step)
    case status(HTTPConnection.Operation, Int)
    case connectionLost(HTTPConnection.Operation)
    case malformedResponse(HTTPConnection.Operation)
    case noConnection
    case offerChanged
    case noSessionID
    case notConnected(String)
    case answerMissing
    case cancelled
    case endedEarly
    case tooManyCalls
    case refused(Int)
    case invitedTwice
    case notRung
    case answerChanged
    case wrongCaller

    var description: String {
        switch self {
        case .timeout(let step): "no \(step.rawValue) within 5 s"
        case .status(let operation, let status): "\(operation.method) answered \(status)"
        case .connectionLost(let operation): "connection lost during \(operation.method)"
        case .malformedResponse(let operation): "malformed response to \(operation.method)"
        case .noConnection: "connection refused"
        case .offerChanged: "the INVITE's body is not the offer"
        case .noSessionID: "201 without mediaSessionId"
        case .notConnected(let status): "GET after ACK says \(status)"
        case .answerMissing: "GET without the answer"
        case .cancelled: "CANCEL received"
        case .endedEarly: "BYE before DELETE"
        case .refused(let status): "the gateway's final response is \(status)"
        case .invitedTwice: "a second invitation"
        case .notRung: "200 without a 180"
        case .answerChanged: "the 200's body is not the answer"
        case .wrongCaller: "GET with another caller"
        case .tooManyCalls: "more calls in flight than the driver holds"
        }
    }
}

extension HTTPConnection.Operation {
    var method: String {
        switch self {
        case .create: "POST"
        case .ring: "PUT Ringing"
        case .answer: "PUT Connected"
        case .read: "GET"
        case .delete: "DELETE"
        }
    }
}

/// What one phase of load came to.
struct Tally {
    var started = 0
    /// Calls that went all the way, or were established in a phase that holds its calls.
    var completed = 0
    var failures: [Failure: Int] = [:]
    /// SIP messages sent again: by the gateway, then by the driver.
    var inviteRetransmissions = 0
    var ackRetransmissions = 0
    var byeRetransmissions = 0
    var answerRetransmissions = 0
    /// From when the driver turned to the POST to the INVITE's arrival in the driver's socket.
    var postToInvite: [Nanoseconds] = []
    /// To the driver's reading of the 201.
    var postToCreated: [Nanoseconds] = []
    /// How long calls that were due waited for the driver.
    var late: [Nanoseconds] = []
    /// From the driver's turn to the POST to its reading of a 503 with Retry-After, where that is an answer like another.
    var postToRefusal: [Nanoseconds] = []
    /// Emergency calls that were begun, and those that went all the way; they are in ``started`` and ``completed``, too.
    var emergencyStarted = 0
    var emergencyCompleted = 0
    /// From the driver's turn to an emergency call's POST to its reading of the 201.
    var emergencyToCreated: [Nanoseconds] = []
    /// When a call has last failed, was refused or got its 201 late.
    var lastTrouble: Nanoseconds?
    /// From the first start to the last completion.
    var elapsed: Nanoseconds = 0
    /// The phase was cut short because most calls failed.
    var abandoned = false

    var failureCount: Int { failures.values.reduce(0, +) }
    var callsPerSecond: Double { elapsed > 0 ? Double(completed) / elapsed.inSeconds : 0 }
    var retransmissions: Int {
        inviteRetransmissions + ackRetransmissions + byeRetransmissions + answerRetransmissions
    }
}

extension [Nanoseconds] {
    /// The value that `share` (0...1) of all are not above, in milliseconds; nil of none.
    func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let rank = Int((share * Double(ordered.count)).rounded(.up)) - 1
        return Double(ordered[Swift.min(Swift.max(rank, 0), ordered.count - 1)]) / 1e6
    }
}
