import Foundation
import Synchronization
import TestPeer
import TestSink
import Testing

/// Many calls with a subscriber each, and sinks that are slow, wrong, or die and come back. `GATEWAY_SOAK=full` makes 10,000.
@Suite(.serialized, .gatewayAlone(.eventSoak)) struct EventSoakTests {
    private static let isFull = ProcessInfo.processInfo.environment["GATEWAY_SOAK"] == "full"

    @Test("Every event arrives, under one id, in order and without a gap", .timeLimit(.minutes(15)))
    func everyEvent() async throws {
        let scene = try scene()
        let count = Self.isFull ? 10_000 : 1_000
        let crowd = try SinkCrowd()
        defer { crowd.stop() }
        serve(scene.peer)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= 32 { try await group.next() }
                // Dead for a third of the time.
                if index % 300 == 100 { crowd.mortal.die() }
                if index % 300 == 200 { try await crowd.mortal.rise() }
                group.addTask { try await call(scene, index, crowd.url(for: index)) }
            }
            try await group.waitForAll()
        }
        if !crowd.mortal.isAlive { try await crowd.mortal.rise() }
        let statistics = try await settled(scene)

        let told = crowd.ledger.sessions
        #expect(told.count == count)
        for (session, events) in told {
            #expect(events.map(\.number) == Array(1...max(events.count, 1)), "\(session): \(events)")
            #expect(
                Set(["Terminated", "SessionCancelled"]).contains(events.last?.status ?? ""), "\(session): \(events)")
        }
        let ids = told.values.flatMap { $0.map(\.id) }
        #expect(Set(ids).count == ids.count)
        #expect(crowd.ledger.repeatedOutsideDeaths == 0, "events that came again though their sink had taken them")
        let drops = scene.gateway.logTail.split(separator: "\n").filter { $0.contains("event dropped") }
        #expect(statistics["eventsDropped"] == 0, "\(statistics)\n\(drops.joined(separator: "\n"))")
        #expect(statistics["eventsDelivered"] == ids.count, "\(statistics)")
        #expect(statistics["storeUndelivered"] == 0, "\(statistics)")
        #expect(statistics["storeRefused"] == 0, "\(statistics)")
        #expect(statistics["subscriptions"] == count)
        #expect(statistics["registrations"] == count)
    }

    /// Half of the calls ring first, so that their POST is answered before they are.
    private func serve(_ peer: SIPPeer) {
        peer.serve("+18") { request in
            switch request.message.method {
            case .invite:
                if request.message.dialled?.hasPrefix("+181") ?? false { request.respond(180) }
                request.respond(200, sdp: SDP.answer())
            case .bye, .cancel: request.respond(200)
            default: break
            }
        }
    }

    /// Registers a device of its own number, subscribes it, makes a call and ends it.
    private func call(_ scene: Scene, _ index: Int, _ sink: String) async throws {
        let device = UUID().uuidString.lowercased()
        let number = "+491\(500_000_000 + index)"
        let registered = try await scene.http.send(
            "POST", Release.r3.registrations,
            json: ["deviceId": .string(device), "phoneNumber": .string(number)])
        try #require(registered.status == 201, "\(registered.text)")
        let registration = try #require(registered.json["registrationId"]?.string)
        let subscribed = try await scene.http.send(
            "POST", Release.r3.subscriptions,
            json: [
                "protocol": "HTTP", "sink": .string(sink), "types": [.string(Release.r3.type("session-status"))],
                "config": ["subscriptionDetail": ["deviceId": .string(device)]],
            ])
        try #require(subscribed.status == 201, "\(subscribed.text)")
        var body = Attempt.body(receiver: "+18\(index.isMultiple(of: 2) ? 1 : 2)\(10_000_000 + index)")
        body["originatorAddress"] = .string("tel:\(number)")
        let session = try await scene.http.send(
            "POST", Release.r3.sessions, headers: [.init("registrationId", registration)], json: body)
        try #require(session.status == 201, "\(session.text)")
        let id = try #require(session.json["mediaSessionId"]?.string)
        let ended = try await scene.http.send("DELETE", "\(Release.r3.sessions)/\(id)")
        try #require(ended.status == 204, "\(ended.text)")
    }

    /// The statistics once no call lives and no event waits.
    private func settled(_ scene: Scene) async throws -> [String: Int] {
        let deadline = ContinuousClock.now + .seconds(120)
        var seen: [String: Int] = [:]
        while ContinuousClock.now < deadline {
            seen = try await scene.gateway.statistics()
            let zero = ["liveCalls", "eventsPending", "storeUnwritten"]
            if zero.allSatisfy({ seen[$0] == 0 }) { return seen }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw PatienceLost("rest after all calls", ladder: "\(seen)")
    }
}

/// Sinks of every temper.
private final class SinkCrowd: Sendable {
    let ledger = EventLedger()
    let mortal: MortalSink
    private let sinks: [TestSink]

    init() throws {
        let authority = try EventInbox.authority.get()
        let ledger = ledger
        let tries = Mutex<[String: Int]>([:])
        /// How often this event has come, the present time included.
        let attempt: @Sendable (SinkRequest) -> Int = { request in
            tries.withLock { tries in
                tries[request.eventID, default: 0] += 1
                return tries[request.eventID] ?? 1
            }
        }
        let scripts: [TestSink.Script] = [
            { ledger.accept($0) },
            { ledger.accept($0) },
            // Slow: 20 ms each. It is the sink that sleeps, on a thread of the connection's own.
            { request in
                Thread.sleep(forTimeInterval: 0.02)
                return ledger.accept(request)
            },
            // Wrong at first.
            { attempt($0) == 1 ? .status(500) : ledger.accept($0) },
            { attempt($0) == 1 ? .status(429, headers: ["Retry-After": "1"]) : ledger.accept($0) },
            { attempt($0) == 1 ? .close : ledger.accept($0) },
            { attempt($0) == 1 ? .raw("nonsense\r\n\r\n") : ledger.accept($0) },
        ]
        sinks = try scripts.map { try TestSink(authority, keepsRequests: false, script: $0) }
        mortal = try MortalSink(ledger)
    }

    func url(for index: Int) -> String {
        let place = index % (sinks.count + 1)
        return place == sinks.count ? mortal.url : sinks[place].url("/events/\(index)")
    }

    func stop() {
        for sink in sinks { sink.stop() }
        mortal.die()
    }
}

/// A sink that dies and comes back at the same port.
private final class MortalSink: Sendable {
    private let ledger: EventLedger
    private let port: UInt16
    private let present: Mutex<TestSink?>

    init(_ ledger: EventLedger) throws {
        self.ledger = ledger
        let sink = try TestSink(try EventInbox.authority.get(), keepsRequests: false) {
            ledger.accept($0, mayRepeat: true)
        }
        port = sink.port
        present = Mutex(sink)
    }

    var url: String { "https://localhost:\(port)/mortal" }
    var isAlive: Bool { present.withLock { $0 != nil } }

    func die() {
        present.withLock { sink in
            sink?.stop()
            sink = nil
        }
    }

    func rise() async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while true {
            do {
                let ledger = ledger
                let sink = try TestSink(try EventInbox.authority.get(), port: port, keepsRequests: false) {
                    ledger.accept($0, mayRepeat: true)
                }
                return present.withLock { $0 = sink }
            } catch {
                // The dead one's listener is closed by its own thread, a moment after it was told to.
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// What all sinks have taken.
private final class EventLedger: Sendable {
    struct Event: Sendable, CustomStringConvertible {
        let id: String
        let number: Int
        let status: String
        var description: String { "\(number) \(status)" }
    }

    private struct State {
        var sessions: [String: [Event]] = [:]
        var ids: Set<String> = []
        var repeated = 0
    }

    private let state = Mutex(State())

    /// By session, in the order in which they were first taken.
    var sessions: [String: [Event]] { state.withLock { $0.sessions } }
    var repeatedOutsideDeaths: Int { state.withLock { $0.repeated } }

    /// Takes an event. A sink that dies may take one whose answer is then lost: it comes again with the same id, and is told
    /// by that (CloudEvents 1.0, "id").
    func accept(_ request: SinkRequest, mayRepeat: Bool = false) -> SinkReply {
        let event = Event(
            id: request.eventID, number: request.int("data.sequenceNumber") ?? 0,
            status: request.string("data.status") ?? "")
        let session = request.string("data.mediaSessionId") ?? ""
        state.withLock { state in
            if state.ids.insert(event.id).inserted {
                state.sessions[session, default: []].append(event)
            } else if !mayRepeat {
                state.repeated += 1
            }
        }
        return .status(204)
    }
}

extension ScenePlan {
    /// Short timers, so that a call's last transaction is soon over, a database, and sinks on this machine.
    static let eventSoak = ScenePlan { configuration, places in
        try soak.prepare(&configuration, places)
        configuration.storage = "sqlite:gateway.db"
        configuration.events = try sinksOnThisMachine()
    }
}
