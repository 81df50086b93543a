import CBench
import Glibc

/// Makes calls through a gateway and checks every one: it is the gateway's HTTP client and, as the trunk's peer, the SIP
/// user agent server, so POST and INVITE are read off one clock. One thread, one event loop, no allocation per call
/// beyond the copy of a 200 that waits for its ACK.
final class LoadDriver {
    /// A call that is not complete in this time has failed.
    static let callTimeout = Nanoseconds.seconds(5)
    /// T1 and T2 of RFC 3261 §13.3.1.4: a 200 without ACK is sent again after T1, then twice as late each time.
    static let t1 = Nanoseconds.milliseconds(500)
    static let t2 = Nanoseconds.seconds(4)
    /// A phase is given up when this many calls failed and they are most of all.
    static let hopeless = 2_000

    /// A 201 that takes longer is none of a gateway with time to spare.
    static let normalLatency = Nanoseconds.milliseconds(100)

    let poller: Poller
    let sip: SIPServerSocket
    let media: MediaTexts
    let calls = CallTable()
    /// Absent while the driver only answers.
    private(set) var api: API?
    private var waiting = RequestQueue()
    var timers = TimerHeap()
    var reader = SIPRequestReader(capacity: Int(CBENCH_DATAGRAM_BYTES))
    var tally = Tally()
    /// Established calls of phases that hold theirs.
    private(set) var held: [CallReference] = []
    /// Whether established calls stay.
    private var holds = false
    var phaseStart: Nanoseconds = 0
    private var nextOriginator = 0
    /// Complete calls that somebody else began (see ``answerOthers``).
    private(set) var othersCompleted = 0
    /// A 503 with Retry-After to a POST is no failure.
    private(set) var takesRefusals = false
    /// Answer calls that this driver did not begin.
    var answerOthers = false

    /// What it takes to send requests.
    struct API {
        let pool: HTTPPool
        let texts: RequestTexts
    }

    private static let sipKey = UInt64.max

    init(media: MediaTexts) throws {
        self.media = media
        poller = try Poller()
        sip = try SIPServerSocket()
        try poller.watch(sip.descriptor, key: LoadDriver.sipKey)
        cbench_use_exact_timers()
        try preemptNobody(true)
    }

    private func preemptNobody(_ nobody: Bool) throws {
        guard cbench_preempt_nobody(nobody) == 0 else { throw BenchError.system("sched_setscheduler", errno) }
    }

    /// Directs the load at an API; the connections to the one before are closed.
    /// `registrations`: see ``RequestTexts``.
    func attach(port: UInt16, path: String, originators: [Originator], registrations: [String] = []) {
        api = API(
            pool: HTTPPool(port: port, poller: poller),
            texts: RequestTexts(
                media: media, originators: originators, path: path, port: port, registrations: registrations))
        waiting = RequestQueue()
        held.removeAll()
    }

    /// Runs one phase to the end of its last call.
    /// - Parameters:
    ///   - holding: calls stay once they are read as Connected.
    ///   - meanwhile: called all the time, ten times a second at least; must not wait.
    func run(
        _ arrivals: Arrivals, holding: Bool = false, meanwhile: (Nanoseconds) throws -> Void = { _ in }
    ) throws -> Tally {
        tally = Tally()
        holds = holding
        return try run([arrivals], meanwhile: meanwhile)[0]
    }

    /// Connections to the API.
    var openConnections: Int { api?.pool.openCount ?? 0 }

    /// Runs phases one right after the other, and the last one to the end of its last call; 503 with Retry-After may be an
    /// answer. What becomes of a call counts in the phase in which it does.
    /// - Parameters:
    ///   - emergencies: calls for an emergency service, beside the others from the first phase on.
    ///   - atChange: called between two of them.
    func runRefusing(_ phases: [Arrivals], emergencies: Arrivals? = nil, atChange: () -> Void = {}) throws -> [Tally] {
        tally = Tally()
        holds = false
        takesRefusals = true
        defer { takesRefusals = false }
        // Where the cores are never free it would be as late with its own arrivals as with reading what comes.
        try preemptNobody(false)
        let tallies = try run(phases, emergencies: emergencies, atChange: atChange)
        try preemptNobody(true)
        return tallies
    }

    private func run(
        _ phases: [Arrivals], emergencies: Arrivals? = nil, atChange: () -> Void = {},
        meanwhile: (Nanoseconds) throws -> Void = { _ in }
    ) throws -> [Tally] {
        var rest = phases[...]
        var tallies: [Tally] = []
        phaseStart = .now
        guard let first = rest.popFirst() else { return [] }
        var schedule = ArrivalSchedule(first, from: phaseStart)
        var urgent = emergencies.map { ArrivalSchedule($0, from: phaseStart) }
        while true {
            let now = Nanoseconds.now
            try meanwhile(now)
            if schedule.isOver(at: now), let next = rest.popFirst() {
                tallies.append(tally)
                tally = Tally()
                phaseStart = now
                atChange()
                schedule = ArrivalSchedule(next, from: now)
            }
            while !tally.abandoned, let start = schedule.take(at: now, active: inFlight) {
                try begin(at: start, now: now)
            }
            while let start = urgent?.take(at: now, active: 0) { try begin(at: start, now: now, isEmergency: true) }
            let isOver = tally.abandoned || schedule.isOver(at: now)
            if isOver, inFlight == 0 { break }
            let wakes = [isOver ? nil : schedule.nextStart(at: now), urgent?.nextStart(at: now)]
            try step(until: wakes.compactMap { $0 }.min(), now: now)
        }
        return tallies + [tally]
    }

    /// Ends all held calls, `rate` a second, and waits for every BYE. `completed` counts the calls that ended well.
    func hangUp(rate: Double) throws -> Tally {
        tally = Tally()
        holds = false
        phaseStart = .now
        var next = Double(phaseStart)
        while !held.isEmpty || inFlight > 0 {
            let now = Nanoseconds.now
            while Nanoseconds(next) <= now, let call = held.popLast() {
                tally.started += 1
                next += 1e9 / rate
                calls.call(call)?.pointee.progress.remove(.held)
                calls.call(call)?.pointee.started = now
                timers.add(.init(due: now + LoadDriver.callTimeout, call: call, kind: .callTimeout))
                try request(.delete, call, now: now)
            }
            try step(until: held.isEmpty ? nil : Nanoseconds(next), now: now)
        }
        return tally
    }

    /// Answers what comes in until `deadline`, or until `isDone` says so; asked ten times a second.
    func serve(until deadline: Nanoseconds, isDone: () throws -> Bool = { false }) throws {
        var now = Nanoseconds.now
        while now < deadline {
            if try isDone() { return }
            let pause = min(deadline, now + .milliseconds(100))
            while now < pause {
                try step(until: pause, now: now)
                now = .now
            }
        }
    }

    private var inFlight: Int { calls.activeCount - held.count }

    deinit { reader.deallocate() }

    private func step(until wake: Nanoseconds?, now: Nanoseconds) throws {
        let due = min(wake ?? .max, timers.nextDue ?? .max, now + .milliseconds(100))
        for event in try poller.wait(due > now ? due - now : 0) {
            if event.key == LoadDriver.sipKey {
                try receiveSIP()
            } else if let connection = api?.pool.connection(key: event.key) {
                try progress(connection, event)
            }
        }
        let later = Nanoseconds.now
        while let timer = timers.take(dueAt: later) { fire(timer, now: later) }
        sip.flush()
    }

    private func begin(at start: Nanoseconds, now: Nanoseconds, isEmergency: Bool = false) throws {
        guard let api else { return }
        tally.started += 1
        if isEmergency { tally.emergencyStarted += 1 }
        guard let call = calls.begin(originator: nextOriginator, at: start) else { return count(.tooManyCalls) }
        nextOriginator = (nextOriginator + 1) % api.texts.originatorCount
        let turn = Nanoseconds.now
        calls.call(call)?.pointee.posted = turn
        if isEmergency { calls.call(call)?.pointee.progress.insert(.emergency) }
        tally.late.append(turn - min(start, turn))
        timers.add(.init(due: start + LoadDriver.callTimeout, call: call, kind: .callTimeout))
        try request(.create, call, now: now)
    }

    /// Sends a request for a call, as soon as there is a connection for it.
    func request(_ operation: HTTPConnection.Operation, _ reference: CallReference, now: Nanoseconds) throws {
        guard let api, let call = calls.call(reference) else { return }
        let connection: HTTPConnection
        let isEmergency = call.pointee.progress.contains(.emergency)
        do {
            guard let free = try api.pool.take(at: now, isUrgent: isEmergency) else {
                return waiting.add(operation, reference)
            }
            connection = free
        } catch BenchError.system("connect", _) {
            return fail(reference, .noConnection)
        }
        let originator = call.pointee.originator
        let bytes: UnsafeBufferPointer<UInt8>
        if operation == .create {
            bytes = api.texts.create(reference, originator: originator, isEmergency: isEmergency)
        } else {
            bytes = api.texts.onSession(
                operation, calls.sessionID(reference), call.pointee.sessionIDLength, originator: originator)
        }
        guard let start = bytes.baseAddress else { return }
        call.pointee.connection = connection.index
        connection.send(start, bytes.count, exchange: .init(operation: operation, call: reference))
        if connection.hasPendingOutput { try api.pool.watchOutput(of: connection, true) }
    }

    /// The next request that waited, now that a connection is free.
    func requestNextWaiting(now: Nanoseconds) throws {
        // Its call may have been given up meanwhile.
        while let next = waiting.take() {
            guard calls.call(next.call) != nil else { continue }
            return try request(next.operation, next.call, now: now)
        }
    }

    /// The call is established and read as Connected.
    func established(_ reference: CallReference, now: Nanoseconds) throws {
        guard holds, let call = calls.call(reference) else { return try request(.delete, reference, now: now) }
        call.pointee.progress.insert(.held)
        held.append(reference)
        complete(now: now)
    }

    /// Ends the call if nothing is missing any more.
    func finishIfComplete(_ reference: CallReference, now: Nanoseconds) {
        guard let call = calls.call(reference), call.pointee.progress.isSuperset(of: [.deleted, .ended]) else { return }
        if call.pointee.progress.contains(.emergency) { tally.emergencyCompleted += 1 }
        calls.end(reference)
        complete(now: now)
    }

    private func complete(now: Nanoseconds) {
        tally.completed += 1
        tally.elapsed = now - phaseStart
    }

    func otherCompleted() { othersCompleted += 1 }

    /// The gateway has no time for the call, and says so.
    func refused(_ reference: CallReference, now: Nanoseconds) {
        calls.end(reference)
        tally.lastTrouble = now
    }

    func fail(_ reference: CallReference, _ failure: Failure) {
        guard let call = calls.call(reference) else { return }
        tally.lastTrouble = .now
        if let index = call.pointee.connection, let connection = api?.pool.connection(key: UInt64(index)),
            connection.exchange?.call == reference
        {
            api?.pool.discard(connection)
        }
        if call.pointee.progress.contains(.held) { held.removeAll { $0 == reference } }
        calls.end(reference)
        count(failure)
    }

    private func count(_ failure: Failure) {
        tally.failures[failure, default: 0] += 1
        let failed = tally.failureCount
        if failed >= LoadDriver.hopeless, failed > tally.completed { tally.abandoned = true }
    }

    private func fire(_ timer: TimerHeap.Entry, now: Nanoseconds) {
        guard let call = calls.call(timer.call) else { return }
        switch timer.kind {
        case .callTimeout:
            let isRecent = now < call.pointee.started + LoadDriver.callTimeout
            guard !call.pointee.progress.contains(.held), !isRecent else { return }
            fail(timer.call, .timeout(call.pointee.progress.awaited))
        case .repeatAnswer:
            repeatAnswer(timer.call, now: now)
        }
    }
}
