import Endpoint
import Foundation
import TestPeer

/// One user with a device or two: calls and is called, one call after the other, and does anything at any time.
struct MixUser {
    let scene: Scene
    let options: MixOptions
    let network: MixNetwork
    let ledger: MixLedger
    let inbox: Mailbox<MixEvent>
    let number = Numbers.next("+4915")
    var random: SplitMix
    private(set) var registrations: [String] = []
    private var hasAbandoned = false

    init(_ index: Int, _ scene: Scene, _ options: MixOptions, _ network: MixNetwork, _ inboxes: MixInbox) {
        (self.scene, self.options, self.network) = (scene, options, network)
        ledger = inboxes.ledger
        inbox = inboxes.mailbox(of: index)
        random = SplitMix(seed: options.seed &+ UInt64(index) &* 7_919)
    }

    /// Registers its devices and subscribes each to invitations and statuses.
    mutating func register(_ sink: String) async throws {
        let release = Release.r3
        for _ in 0..<(random.chance(0.3) ? 2 : 1) {
            let device = UUID().uuidString.lowercased()
            let registered = try await scene.http.send(
                "POST", release.registrations, json: ["deviceId": .string(device), "phoneNumber": .string(number)])
            guard registered.status == 201, let id = registered.json["registrationId"]?.string else {
                throw PatienceLost("registration", ladder: registered.text)
            }
            registrations.append(id)
            let subscribed = try await scene.http.send(
                "POST", release.subscriptions,
                json: [
                    "protocol": "HTTP", "sink": .string(sink),
                    "types": .array(["session-invitation", "session-status"].map { .string(release.type($0)) }),
                    "config": ["subscriptionDetail": ["deviceId": .string(device)]],
                ])
            guard subscribed.status == 201 else { throw PatienceLost("subscription", ladder: subscribed.text) }
        }
    }

    func deregister() async throws {
        for id in registrations {
            let response = try await scene.http.send("DELETE", "\(Release.r3.registrations)/\(id)")
            if response.status != 204 { ledger.fault("DELETE of a registration: \(response.text)") }
        }
    }

    /// Makes and takes calls until `end`, and sees the last one through.
    mutating func live(until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end {
            if random.chance(0.5) { try await callOut() } else { try await beCalled() }
        }
        // A POST that was given up may have been answered all the same.
        if hasAbandoned { try await see(through: [:], placed: nil, atLeast: .seconds(2)) }
    }

    // MARK: - To the network

    private mutating func callOut() async throws {
        let dialled = Numbers.next("+17")
        let kind = MixNetwork.Callee(number: dialled, seed: options.seed).kind.rawValue
        var body = Attempt.body(receiver: dialled)
        body["originatorAddress"] = .string("tel:\(number)")
        let headers = [WireMessage.Header("registrationId", registrations[0])]
        guard let response = try await post(body, headers) else {
            return ledger.count("to the network: \(kind)", "client gone while its POST waits")
        }
        ledger.count("to the network: \(kind)", response.outcome)
        guard response.status == 201 else {
            if ![403, 404, 409, 422, 502, 503, 504].contains(response.status) {
                ledger.fault("POST to \(kind): \(response.text)")
            }
            return
        }
        guard let session = response.json["mediaSessionId"]?.string else {
            return ledger.fault("a 201 without an id: \(response.text)")
        }
        var call = MixCall(isInbound: false, status: response.json["status"]?.string ?? "")
        call.end = .now + .milliseconds(Int.random(in: 0...4_000, using: &random))
        try await see(through: [session: call], placed: nil)
    }

    /// POSTs the session; nil: the client has gone away while its POST waited.
    private mutating func post(_ body: JSONValue, _ headers: [WireMessage.Header]) async throws -> HTTPResponse? {
        guard random.chance(0.08) else {
            return try await scene.http.send("POST", Release.r3.sessions, headers: headers, json: body)
        }
        let connection = try HTTPConnection(port: scene.gateway.configuration.httpPort)
        defer { connection.close() }
        connection.send(
            "POST", Release.r3.sessions, headers: headers + [.init("Content-Type", "application/json")],
            body: try body.bytes)
        let patience = Duration.milliseconds(Int.random(in: 0...300, using: &random))
        if let response = try? await connection.response(within: patience) { return response }
        hasAbandoned = true
        return nil
    }

    // MARK: - From the network

    private mutating func beCalled() async throws {
        let ended = try network.call(number, &random)
        try await see(through: [:], placed: ended)
    }

    // MARK: - One call

    /// Acts on the sessions of one call until each has its final status, and the network's caller, if it was one, knows that
    /// the call is over.
    private mutating func see(
        through sessions: [String: MixCall], placed: Mailbox<CallOutcome>?, atLeast least: Duration = .zero
    ) async throws {
        var sessions = sessions
        var hasEnded = placed == nil
        let start = ContinuousClock.now
        let limit = start + options.patience
        while !hasEnded || !sessions.isEmpty || ContinuousClock.now < start + least {
            if ContinuousClock.now > limit {
                if !hasEnded { ledger.fault("the caller of \(number) still believes in its call") }
                for (id, call) in sessions { try await report(id, call) }
                return
            }
            if let placed, !hasEnded, let outcome = await placed.next(within: .zero) {
                hasEnded = true
                ledger.count("from the network", "\(outcome)")
            }
            let pause = Duration.milliseconds(Int.random(in: 10...400, using: &random))
            if let event = await inbox.next(within: pause) {
                try await heard(event, &sessions)
            } else if let id = sessions.keys.sorted().randomElement(using: &random), var call = sessions[id] {
                try await act(on: id, &call)
                sessions[id] = call
            }
        }
    }

    private mutating func heard(_ event: MixEvent, _ sessions: inout [String: MixCall]) async throws {
        if event.isInvitation, !event.isFinal {
            var call = MixCall(isInbound: true, status: event.status)
            call.end = .now + .milliseconds(Int.random(in: 0...4_000, using: &random))
            call.neverAnswers = random.chance(0.1)
            sessions[event.session] = call
            return
        }
        // A session that the user has no id of is that of a POST which was answered to nobody: it is hung up.
        if sessions[event.session] == nil, event.isFinal { return }
        var call = sessions[event.session] ?? MixCall(isInbound: false, status: event.status)
        call.status = event.status
        call.number = event.number
        if event.isFinal {
            sessions[event.session] = nil
            try await compare(event)
            return
        }
        if event.reason == "the network offers other media", random.chance(0.8) {
            let answer: JSONValue = ["status": "Connected", "answer": ["sdp": .string(SDP.answer("app"))]]
            await put(event.session, answer, as: "answer to the network's offer")
        }
        sessions[event.session] = call
    }

    /// GET and the last event say the same.
    private func compare(_ event: MixEvent) async throws {
        let response = try await scene.http.send("GET", "\(Attempt.sessionsWithReason)/\(event.session)")
        let (status, number) = (response.json["status"]?.string, response.json["sequenceNumber"]?.int)
        if response.status != 200 || status != event.status || number != event.number {
            ledger.fault("\(event.session): told \(event.number) \(event.status), GET: \(response.text.prefix(300))")
        }
    }

    /// A session without a final status.
    private func report(_ id: String, _ call: MixCall) async throws {
        let response = try await scene.http.send("GET", "\(Attempt.sessionsWithReason)/\(id)")
        ledger.fault(
            "no final status of \(id) (\(call.isInbound ? "from" : "to") the network): told \(ledger.story(id)), "
                + "GET: \(response.outcome) \(response.json["reason"]?.string ?? "")")
    }

    private mutating func act(on id: String, _ call: inout MixCall) async throws {
        if ContinuousClock.now > call.end, !call.neverAnswers || call.isAnswered {
            guard call.isAnswered || !call.isInbound || random.chance(0.5) else {
                let status = ["Busy", "Declined", "NoAnswer", "NotReachable", "Failed"].randomElement(using: &random)
                return await put(id, ["status": .string(status ?? "Busy")], as: "decline")
            }
            return try await hangUp(id)
        }
        switch (call.isInbound, call.isAnswered) {
        case (_, true): await changeMedia(id)
        case (true, false): await answer(id, call)
        // Cancelled at a random moment.
        case (false, false): if random.chance(0.1) { try await hangUp(id) }
        }
    }

    private mutating func answer(_ id: String, _ call: MixCall) async {
        let answer: JSONValue = ["sdp": .string(SDP.answer("app"))]
        var change: JSONValue = ["status": "Ringing"]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: break
        case 3: change = ["status": "InProgress", "answer": answer]
        case 4: change = ["status": "Waiting"]
        default:
            if call.neverAnswers { break }
            change = ["status": "Connected", "answer": answer]
        }
        await put(id, change, as: change["status"]?.string ?? "")
    }

    private mutating func changeMedia(_ id: String) async {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: await put(id, ["status": "Hold"], as: "Hold")
        case 4..<8: await put(id, ["status": "Resume"], as: "Resume")
        default:
            let port = Int.random(in: 20_000...60_000, using: &random)
            let offer = SDP.offer().replacing("42988", with: "\(port)")
            await put(id, ["status": "Connected", "offer": ["sdp": .string(offer)]], as: "new offer")
        }
    }

    private mutating func hangUp(_ id: String) async throws {
        guard random.chance(0.7) else {
            let status = random.chance(0.5) ? "Terminated" : "SessionCancelled"
            return await put(id, ["status": .string(status)], as: "Terminated, SessionCancelled")
        }
        let response = try await scene.http.send("DELETE", "\(Release.r3.sessions)/\(id)")
        ledger.count("DELETE", response.outcome)
        if ![204, 409].contains(response.status) { ledger.fault("DELETE \(id): \(response.text)") }
    }

    private func put(_ id: String, _ change: JSONValue, as what: String) async {
        do {
            let response = try await scene.http.send("PUT", "\(Release.r3.sessions)/\(id)/status", json: change)
            ledger.count("PUT \(what)", response.outcome)
            if ![200, 204, 409].contains(response.status) { ledger.fault("PUT \(what) \(id): \(response.text)") }
        } catch {
            ledger.fault("PUT \(what) \(id): \(error)")
        }
    }
}

/// What a user knows of a session of its own.
struct MixCall {
    let isInbound: Bool
    var status: String
    var number = 0
    /// When the user has had enough.
    var end = ContinuousClock.now
    /// The device rings, and nobody comes.
    var neverAnswers = false

    init(isInbound: Bool, status: String) { (self.isInbound, self.status) = (isInbound, status) }

    var isAnswered: Bool { ["Connected", "Hold", "Resume"].contains(status) }
}
