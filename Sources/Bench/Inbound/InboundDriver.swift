import CBench
import Glibc

/// Calls the gateway from the network's side, as the trunk's peer, and answers as the called application: the invitation
/// comes from the sink process, everything else is read off one clock. One thread, one event loop, like ``LoadDriver``.
final class InboundDriver {
    let poller: Poller
    let sip: SIPServerSocket
    let media: MediaTexts
    let calls = CallTable()
    let pool: HTTPPool
    let requests: RequestTexts
    let texts: CallerTexts
    let gateway: sockaddr_in
    let callees: [Originator]
    var channel: InvitationChannel
    var timers = TimerHeap()
    var reader = SIPResponseReader()
    var requestReader = SIPRequestReader(capacity: Int(CBENCH_DATAGRAM_BYTES))
    var tally = Tally()
    /// Requests that wait for a connection, in order.
    var waiting: [(HTTPConnection.Operation, CallReference)] = []
    private var phaseStart: Nanoseconds = 0
    private var nextCallee = 0

    private static let sipKey = UInt64.max
    private static let channelKey = UInt64.max - 1

    /// Where the load goes, and how it hears of it.
    struct Target {
        let apiPort: UInt16
        let sipPort: UInt16
        /// Where the API mounts sessions.
        let path: String
        /// Devices that are registered and have their invitations sent to the sink of ``channel``.
        let callees: [Originator]
        /// The descriptor on which invitations come.
        let channel: Int32
    }

    /// - Parameter sip: the trunk's peer, which nobody else may read from while a phase runs.
    init(_ target: Target, sip: SIPServerSocket, media: MediaTexts) throws {
        self.sip = sip
        self.media = media
        poller = try Poller()
        pool = HTTPPool(port: target.apiPort, poller: poller)
        requests = RequestTexts(
            media: media, originators: target.callees, path: target.path, port: target.apiPort)
        texts = CallerTexts(media: media, port: sip.port, gatewayPort: target.sipPort)
        gateway = .loopback(port: target.sipPort)
        callees = target.callees
        channel = InvitationChannel(target.channel)
        try poller.watch(sip.descriptor, key: InboundDriver.sipKey)
        try poller.watch(target.channel, key: InboundDriver.channelKey)
    }

    deinit { requestReader.deallocate() }

    /// Runs one phase to the end of its last call.
    func run(_ arrivals: Arrivals) throws -> Tally {
        tally = Tally()
        phaseStart = .now
        var schedule = ArrivalSchedule(arrivals, from: phaseStart)
        while true {
            let now = Nanoseconds.now
            while !tally.abandoned, let start = schedule.take(at: now, active: calls.activeCount) { begin(at: start) }
            let isOver = tally.abandoned || schedule.isOver(at: now)
            if isOver, calls.activeCount == 0 { break }
            try step(until: isOver ? nil : schedule.nextStart(at: now), now: now)
        }
        return tally
    }

    private func step(until wake: Nanoseconds?, now: Nanoseconds) throws {
        sip.flush()
        let due = min(wake ?? .max, timers.nextDue ?? .max, now + .milliseconds(100))
        for event in try poller.wait(due > now ? due - now : 0) {
            switch event.key {
            case InboundDriver.sipKey: try receiveSIP()
            case InboundDriver.channelKey: try receiveInvitations()
            default:
                if let connection = pool.connection(key: event.key) { try progress(connection, event) }
            }
        }
        let later = Nanoseconds.now
        while let timer = timers.take(dueAt: later) {
            guard let call = calls.call(timer.call) else { continue }
            fail(timer.call, .timeout(call.pointee.progress.awaitedOfCaller))
        }
        sip.flush()
    }

    private func begin(at start: Nanoseconds) {
        tally.started += 1
        guard let call = calls.begin(originator: nextCallee, at: start) else { return count(.tooManyCalls) }
        timers.add(.init(due: start + LoadDriver.callTimeout, call: call, kind: .callTimeout))
        sip.send(to: gateway) { texts.invite(call, callee: callees[nextCallee].number, into: &$0) }
        nextCallee = (nextCallee + 1) % callees.count
    }

    private func receiveInvitations() throws {
        let now = Nanoseconds.now
        for invitation in try channel.take() {
            let reference = CallReference(number: invitation.caller)
            guard let call = calls.call(reference) else { continue }
            let id = Array(invitation.session.utf8)
            guard (1...CallTable.sessionIDCapacity).contains(id.count) else {
                fail(reference, .noSessionID)
                continue
            }
            guard !call.pointee.progress.contains(.announced) else {
                fail(reference, .invitedTwice)
                continue
            }
            call.pointee.progress.insert(.announced)
            tally.postToInvite.append(now - call.pointee.started)
            calls.sessionID(reference).update(from: id, count: id.count)
            call.pointee.sessionIDLength = id.count
            try request(.ring, reference, now: now)
        }
    }

    /// The caller has its 200 to BYE.
    func complete(_ reference: CallReference) {
        calls.end(reference)
        tally.completed += 1
        tally.elapsed = .now - phaseStart
    }

    func fail(_ reference: CallReference, _ failure: Failure) {
        guard let call = calls.call(reference) else { return }
        if let index = call.pointee.connection, let connection = pool.connection(key: UInt64(index)),
            connection.exchange?.call == reference
        {
            pool.discard(connection)
        }
        calls.end(reference)
        count(failure)
    }

    private func count(_ failure: Failure) {
        tally.failures[failure, default: 0] += 1
        let failed = tally.failureCount
        if failed >= LoadDriver.hopeless, failed > tally.completed { tally.abandoned = true }
    }
}
