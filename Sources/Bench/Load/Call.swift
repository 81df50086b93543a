import Glibc

/// What of a complete call has happened. POST → INVITE / 180 / 200 / ACK → GET → DELETE → BYE / 200.
struct CallProgress: OptionSet {
    let rawValue: UInt16

    static let invited = CallProgress(rawValue: 1)
    static let acknowledged = CallProgress(rawValue: 2)
    static let created = CallProgress(rawValue: 4)
    static let read = CallProgress(rawValue: 8)
    static let deleted = CallProgress(rawValue: 16)
    static let ended = CallProgress(rawValue: 32)
    static let held = CallProgress(rawValue: 64)
    // INVITE → invitation → PUT Ringing / 180 → PUT Connected / 200 / ACK → GET → BYE / 200, of calls that come in.
    /// The sink has had the invitation.
    static let announced = CallProgress(rawValue: 128)
    /// PUT Ringing is answered, and the caller has its 180.
    static let rung = CallProgress(rawValue: 256)
    static let ringing = CallProgress(rawValue: 512)
    /// PUT Connected is answered; ``acknowledged``: the caller has its 200, too.
    static let taken = CallProgress(rawValue: 1_024)
    /// It is for an emergency service.
    static let emergency = CallProgress(rawValue: 2_048)

    /// The first step that is still missing of a call that comes in.
    var awaitedOfCaller: Step {
        if !contains(.announced) { return .invitation }
        if !contains(.rung) { return .rung }
        if !contains(.ringing) { return .ringing }
        if !contains(.taken) { return .taken }
        if !contains(.acknowledged) { return .answer }
        return contains(.read) ? .byeAnswered : .read
    }

    /// The first step that is still missing.
    var awaited: Step {
        if !contains(.invited) { return .invite }
        if !contains(.created) { return .created }
        if !contains(.acknowledged) { return .acknowledgement }
        if !contains(.read) { return .read }
        return contains(.ended) ? .deleted : .bye
    }
}

/// The steps of a call that the driver waits for.
enum Step: String {
    case invite = "INVITE"
    case created = "201 to POST"
    case acknowledgement = "ACK"
    case read = "200 to GET"
    case bye = "BYE"
    case deleted = "204 to DELETE"
    case invitation = "invitation"
    case rung = "200 to PUT Ringing"
    case ringing = "180 to INVITE"
    case taken = "200 to PUT Connected"
    case answer = "200 to INVITE"
    case byeAnswered = "200 to BYE"
}

/// One call in flight or held.
struct Call {
    var use: UInt32 = 0
    var isActive = false
    var progress: CallProgress = []
    var originator = 0
    /// When the call was due.
    var started: Nanoseconds = 0
    /// When the driver turned to its POST: from then on it is the gateway that the call waits for.
    var posted: Nanoseconds = 0
    /// The pool index of the connection with this call's request under way.
    var connection: Int?
    /// Length of the session's identifier in ``CallTable/sessionID(_:)``.
    var sessionIDLength = 0
    /// Our 200 to the INVITE, kept for sending again until the ACK comes; of a call that comes in, the BYE to be sent.
    var answer: UnsafeMutableBufferPointer<UInt8>?
    /// How often the 200 was sent; of a call that comes in, the BYE's length.
    var answersSent = 0
    var peer = sockaddr_in()
}

/// All calls, in memory that is allocated once.
final class CallTable {
    /// Room for a session identifier; CAMARA's examples have 100 characters.
    static let sessionIDCapacity = 128

    private let calls: UnsafeMutablePointer<Call>
    private let sessionIDs: UnsafeMutablePointer<UInt8>
    private var free: [Int32]
    private(set) var activeCount = 0

    init() {
        calls = .allocate(capacity: CallReference.slots)
        calls.initialize(repeating: Call(), count: CallReference.slots)
        sessionIDs = .allocate(capacity: CallReference.slots * CallTable.sessionIDCapacity)
        free = (0..<Int32(CallReference.slots)).reversed()
    }

    deinit {
        for slot in 0..<CallReference.slots { calls[slot].answer?.deallocate() }
        calls.deallocate()
        sessionIDs.deallocate()
    }

    /// A new call, or nil when every slot is taken.
    func begin(originator: Int, at started: Nanoseconds) -> CallReference? {
        guard let slot = free.popLast() else { return nil }
        let index = Int(slot)
        let reference = CallReference(slot: index, use: calls[index].use &+ 1)
        calls[index] = Call(use: reference.use, isActive: true, originator: originator, started: started)
        activeCount += 1
        return reference
    }

    /// The call's state to read and change; nil once it has ended.
    func call(_ reference: CallReference) -> UnsafeMutablePointer<Call>? {
        let call = calls + reference.slot
        return call.pointee.isActive && call.pointee.use == reference.use ? call : nil
    }

    func sessionID(_ reference: CallReference) -> UnsafeMutablePointer<UInt8> {
        sessionIDs + reference.slot * CallTable.sessionIDCapacity
    }

    func end(_ reference: CallReference) {
        guard let call = call(reference) else { return }
        call.pointee.isActive = false
        call.pointee.answer?.deallocate()
        call.pointee.answer = nil
        activeCount -= 1
        free.append(Int32(reference.slot))
    }
}
