import Synchronization
import TestPeer
import TestSink

/// An event of a session, as the application reads it.
struct MixEvent: Sendable {
    let session: String
    let isInvitation: Bool
    let number: Int
    let status: String
    let reason: String
    /// An event of the same session may still follow.
    var isFinal: Bool { MixLedger.finals.contains(status) }
}

/// Everything that was told, checked as it comes: numbers without a gap, one final status and nothing behind it.
final class MixLedger: Sendable {
    static let finals: Set<String> = [
        "Terminated", "SessionCancelled", "Busy", "NoAnswer", "Declined", "NotReachable", "Failed",
    ]

    private struct Record {
        var number = 0
        var statuses: [String] = []
        var isOver = false
    }

    private struct State {
        var open: [String: Record] = [:]
        var over: Set<String> = []
        var ends: [String: Int] = [:]
        var events = 0
        var faults: [String] = []
        var faultCount = 0
        var outcomes: [String: [String: Int]] = [:]
    }

    private let state = Mutex(State())

    /// Takes an event.
    func accept(_ event: MixEvent) {
        state.withLock { state in
            state.events += 1
            if state.over.contains(event.session) {
                return MixLedger.add("\(event.session): \(event.number) \(event.status) after its end", to: &state)
            }
            var record = state.open[event.session] ?? Record()
            if event.number != record.number + 1 {
                let seen = record.statuses.joined(separator: ", ")
                MixLedger.add("\(event.session): number \(event.number) after \(record.number) (\(seen))", to: &state)
            }
            record.number = event.number
            record.statuses.append(event.status)
            state.open[event.session] = record
            if event.isFinal {
                state.open[event.session] = nil
                state.over.insert(event.session)
                state.ends[event.status, default: 0] += 1
            }
        }
    }

    /// Something that must not be.
    func fault(_ text: String) { state.withLock { MixLedger.add(text, to: &$0) } }

    private static func add(_ text: String, to state: inout State) {
        state.faultCount += 1
        if state.faults.count < 20 { state.faults.append(text) }
    }

    /// Counts how a request, or a call of one kind, came out.
    func count(_ what: String, _ outcome: String) {
        state.withLock { $0.outcomes[what, default: [:]][outcome, default: 0] += 1 }
    }

    /// The first faults, and how many there were.
    var faults: (first: [String], count: Int) { state.withLock { ($0.faults, $0.faultCount) } }
    /// Sessions told of that have no final status yet, with what they have.
    var unfinished: [String] {
        state.withLock { $0.open.map { "\($0.key): \($0.value.statuses.joined(separator: ", "))" } }
    }
    var sessions: Int { state.withLock { $0.open.count + $0.over.count } }
    var events: Int { state.withLock { $0.events } }
    /// Final statuses by their number.
    var ends: [String: Int] { state.withLock { $0.ends } }
    var outcomes: [String: [String: Int]] { state.withLock { $0.outcomes } }
    /// The statuses of one session, for a failure.
    func story(_ session: String) -> String {
        state.withLock { state in
            state.open[session].map { "\($0.statuses)" } ?? (state.over.contains(session) ? "over" : "nothing told")
        }
    }
}

/// One sink for all users: what comes for a user goes to its mailbox, and everything to the ledger.
final class MixInbox: Sendable {
    let ledger = MixLedger()
    private let sink: TestSink
    private let mailboxes: [Mailbox<MixEvent>]

    init(users: Int) throws {
        let boxes = (0..<users).map { _ in Mailbox<MixEvent>() }
        let ledger = ledger
        mailboxes = boxes
        sink = try TestSink(try EventInbox.authority.get(), keepsRequests: false) { request in
            guard let session = request.string("data.mediaSessionId"), let type = request.string("type"),
                let user = request.path.split(separator: "/").last.flatMap({ Int($0) })
            else { return .status(204) }
            let event = MixEvent(
                session: session, isInvitation: type.hasSuffix(".session-invitation"),
                number: request.int("data.sequenceNumber") ?? 0, status: request.string("data.status") ?? "",
                reason: request.string("data.reason") ?? "")
            ledger.accept(event)
            boxes[user].put(event)
            return .status(204)
        }
    }

    func url(of user: Int) -> String { sink.url("/events/\(user)") }
    func mailbox(of user: Int) -> Mailbox<MixEvent> { mailboxes[user] }
    func stop() { sink.stop() }
}
