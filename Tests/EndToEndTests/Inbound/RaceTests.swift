import TestPeer
import TestSink
import Testing

/// Two things at once (mapping §3): caller against device, device against device.
@Suite(.gateway(.inbound)) struct RaceTests {
    @Test(
        "CANCEL: 200 to it, 487 to the INVITE, SessionCancelled; a PUT that comes after is 409", arguments: Release.all)
    func cancelled(release: Release) async throws {
        let callee = try await Callee.new(release)
        defer { callee.close() }
        let incoming = try await callee.called()
        try await incoming.put("Ringing")
        _ = try await incoming.call.response(180)
        let cancel = incoming.call.cancel()
        #expect(try await cancel.final().status == 200, incoming.ladder)
        #expect(try await incoming.call.refused().status == 487, incoming.ladder)
        try await incoming.told("Ringing")
        let event = try await incoming.told("SessionCancelled")
        #expect(event.string("data.reason")?.contains("CANCEL") == true)
        let late = try await incoming.put("Connected", ["answer": IncomingCall.answer])
        #expect(late.outcome == (release == .r2 ? "409 CONFLICT" : "409 INCOMPATIBLE_STATE"))
        #expect(try await incoming.delete().status == 204)
        try await incoming.hasEnded("SessionCancelled")
    }

    @Test("A CANCEL whose Reason is SIP;cause=200 says that another phone has answered")
    func answeredElsewhere() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        incoming.call.cancel(headers: [.init("Reason", "SIP;cause=200;text=\"Call completed elsewhere\"")])
        #expect(try await incoming.call.refused().status == 487)
        #expect(try await incoming.told("SessionCancelled").string("data.reason") == "answered elsewhere")
    }

    /// Whoever is first wins; caller and application agree on who that was.
    @Test(arguments: 0..<12)
    func cancelAgainstConnected(round: Int) async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        try await incoming.put("Ringing")
        _ = try await incoming.call.response(180)
        try await incoming.told("Ringing")
        async let answered = incoming.put("Connected", ["answer": IncomingCall.answer])
        if round.isMultiple(of: 3) { await Task.yield() }
        let cancel = incoming.call.cancel()
        let final = try await incoming.call.final()
        try incoming.call.acknowledge(final: final)
        let put = try await answered
        if final.status == 200 {
            // The CANCEL had nothing left to cancel (RFC 3261 §9.2).
            #expect(put.outcome == "200 Connected", incoming.ladder)
            _ = try await cancel.final()
            try await incoming.told("Connected")
            #expect(try await incoming.call.send(.bye).final().status == 200, incoming.ladder)
            try await incoming.told("Terminated")
        } else {
            #expect(final.status == 487, incoming.ladder)
            #expect(put.outcome == "409 INCOMPATIBLE_STATE", incoming.ladder)
            #expect(try await cancel.final().status == 200, incoming.ladder)
            try await incoming.told("SessionCancelled")
        }
    }

    @Test("A BYE before the answer ends the INVITE with 487")
    func byeEarly() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        try await incoming.put("Ringing")
        _ = try await incoming.call.response(180)
        let bye = try incoming.call.send(.bye)
        #expect(try await bye.final().status == 200, incoming.ladder)
        #expect(try await incoming.call.refused().status == 487, incoming.ladder)
        try await incoming.told("Ringing")
        try await incoming.told("SessionCancelled")
        #expect(try await incoming.put("Connected", ["answer": IncomingCall.answer]).status == 409)
    }

    /// RFC 3261 §15: a callee sends no BYE before it has the ACK.
    @Test func deletedBeforeTheAcknowledgement() async throws {
        let callee = try await Callee.new()
        defer { callee.close() }
        let incoming = try await callee.called()
        try await incoming.connect()
        let answer = try await incoming.call.response(200)
        #expect(try await incoming.delete().status == 204)
        try await incoming.fence()
        #expect(!incoming.call.unreadRequests.contains(.bye), incoming.ladder)
        try incoming.call.acknowledge(final: answer)
        try await incoming.call.acceptBye()
        try await incoming.told("Connected")
        try await incoming.told("Terminated")
    }

    // MARK: - Several devices

    /// A call to a number with so many devices; each has been invited.
    private func several(_ count: Int) async throws -> [IncomingCall] {
        var callees = [try await Callee.new()]
        while callees.count < count { callees.append(try await callees[0].another()) }
        let call = callees[0].place()
        var invited: [IncomingCall] = []
        for callee in callees { invited.append(try await callee.invited(by: call)) }
        return invited
    }

    @Test("All ring, the caller hears the best; the first Connected wins, the others are answered elsewhere")
    func theFirstWins() async throws {
        let devices = try await several(3)
        defer { for device in devices { device.callee.close() } }
        #expect(Set(devices.map(\.id)).count == 3)
        let call = devices[0].call
        try await devices[0].put("Waiting")
        _ = try await call.response(182)
        try await devices[1].put("Ringing")
        _ = try await call.response(180)
        // No worse than what the caller has heard, and no media while several may take the call.
        try await devices[2].put("Ringing", ["answer": ["sdp": .string(SDP.answer("third"))]])
        try await devices[0].fence()
        #expect(call.invite.statuses == [100], devices[0].ladder)

        let own: [String: JSONValue] = ["answer": ["sdp": .string(SDP.answer("second"))]]
        #expect(try await devices[1].put("Connected", own).outcome == "200 Connected")
        #expect(try await call.answered().bodyText == SDP.answer("second"), devices[0].ladder)
        for loser in [devices[0], devices[2]] {
            try await loser.told(loser.id == devices[0].id ? "Waiting" : "Ringing")
            let event = try await loser.told("SessionCancelled")
            #expect(event.string("data.reason") == "answered elsewhere")
            #expect(try await loser.put("Connected", own).outcome == "409 INCOMPATIBLE_STATE")
            try await loser.hasEnded("SessionCancelled")
        }
        // A device does not reach another's session through its registration.
        let header = [WireMessage.Header("registrationId", devices[0].callee.registration)]
        let foreign = try await devices[0].callee.device.send("GET", devices[1].path, headers: header)
        #expect(foreign.outcome == "404 NOT_FOUND")
        #expect(try await devices[1].delete().status == 204)
        try await call.acceptBye()
    }

    @Test("Two devices answer at once: one has the call, the other 409", arguments: 0..<8)
    func twoAnswerAtOnce(round: Int) async throws {
        let devices = try await several(2)
        defer { for device in devices { device.callee.close() } }
        let outcomes = try await withThrowingTaskGroup(of: (Int, HTTPResponse).self) { group in
            for (index, device) in devices.enumerated() {
                let own: [String: JSONValue] = ["answer": ["sdp": .string(SDP.answer("device-\(index)"))]]
                group.addTask { (index, try await device.put("Connected", own)) }
            }
            return try await group.reduce(into: [Int: HTTPResponse]()) { $0[$1.0] = $1.1 }
        }
        let winners = outcomes.filter { $0.value.outcome == "200 Connected" }.map(\.key)
        try #require(winners.count == 1, devices[0].ladder)
        let loser = 1 - winners[0]
        #expect(outcomes[loser]?.outcome == "409 INCOMPATIBLE_STATE")
        let answer = try await devices[0].call.answered()
        #expect(answer.bodyText == SDP.answer("device-\(winners[0])"), devices[0].ladder)
        try await devices[winners[0]].told("Connected")
        try await devices[loser].told("SessionCancelled")
        #expect(try await devices[0].call.send(.bye).final().status == 200)
        try await devices[winners[0]].told("Terminated")
    }

    @Test(
        "All decline: the network hears the most meaningful, once the last has",
        arguments: [
            (["NoAnswer", "Busy", "Declined"], 486), (["Declined", "NoAnswer", "NotReachable"], 603),
            (["NotReachable", "NoAnswer", "Failed"], 480),
        ] as [([String], Int)])
    func allDecline(statuses: [String], response: Int) async throws {
        let devices = try await several(statuses.count)
        defer { for device in devices { device.callee.close() } }
        for (device, status) in zip(devices, statuses).dropLast() {
            #expect(try await device.put(status).outcome == "200 \(status)")
            try await device.told(status)
        }
        try await devices[0].fence()
        #expect(devices[0].call.invite.statuses == [100], devices[0].ladder)
        #expect(try await devices[statuses.count - 1].put(statuses[statuses.count - 1]).status == 200)
        #expect(try await devices[0].call.refused().status == response, devices[0].ladder)
    }

    @Test("The caller gives up: every device is told")
    func cancelledForAll() async throws {
        let devices = try await several(2)
        defer { for device in devices { device.callee.close() } }
        devices[0].call.cancel()
        #expect(try await devices[0].call.refused().status == 487)
        for device in devices { try await device.told("SessionCancelled") }
    }

    /// Media may flow early once it is clear whose.
    @Test func theLastDeviceMayAnswerEarly() async throws {
        let devices = try await several(2)
        defer { for device in devices { device.callee.close() } }
        let call = devices[0].call
        try await devices[0].put("InProgress", ["answer": IncomingCall.answer])
        let without = try await call.response(183)
        #expect(without.body.isEmpty, devices[0].ladder)
        try await devices[1].put("Busy")
        #expect(try await call.response(183).bodyText == SDP.answer("app"), devices[0].ladder)
        try await devices[0].put("Declined")
        #expect(try await call.refused().status == 486, devices[0].ladder)
    }
}
