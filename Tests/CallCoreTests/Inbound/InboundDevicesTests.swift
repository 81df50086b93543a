import CallCore
import Testing

/// Several devices of one number: each has its session, the network sees one dialog (mapping §3).
@Suite("An inbound call to several devices")
struct InboundDevicesTests {
    @Test func theFurthestDeviceIsTold() {
        var call = RecordedInbound(devices: 3)
        call.put(.waiting, device: 0)
        call.put(.inProgress, device: 1)
        call.put(.ringing, device: 2)
        call.put(.ringing, device: 0)
        call.put(.waiting, device: 1)
        #expect(call.provisionals.map(\.status) == [182, 183, 180])
        #expect((0..<3).map { call.status($0) } == [.ringing, .waiting, .ringing], "each has its own status")
    }

    @Test func anEarlyAnswerWaitsForTheLastDevice() {
        var call = RecordedInbound(devices: 2)
        call.put(.inProgress, device: 0, answer: .answer)
        #expect(call.provisionals == [.init(status: 183)])
        call.put(.busy, device: 1)
        #expect(call.provisionals.last == .init(status: 183, description: .answer))
        #expect(call.finals.isEmpty)
    }

    @Test func theFirstToAnswerWins() {
        var call = RecordedInbound(devices: 3)
        call.put(.ringing, device: 0)
        call.put(.busy, device: 2)
        #expect(call.put(.connected, device: 1, answer: .answer)?.http == 200)
        #expect(call.put(.connected, device: 0, answer: .other)?.http == 409)
        #expect((0..<3).map { call.status($0) } == [.sessionCancelled, .connected, .busy])
        #expect(call.session(0).reason == "answered elsewhere")
        #expect(call.session(0).answer == nil)
        #expect(call.finals == [200])
        #expect(call.handle(.hangUp(device: 0)).isEmpty, "a loser ends nothing")
    }

    @Test(arguments: [
        ([SessionStatus.declined, .busy, .noAnswer], 486), ([.busy, .declined, .failed], 486),
        ([.noAnswer, .declined, .notReachable], 603), ([.failed, .noAnswer, .failed], 480),
        ([.failed, .failed, .notReachable], 480), ([.failed, .failed, .failed], 488),
        ([.terminated, .noAnswer, .noAnswer], 603), ([.terminated, .busy, .terminated], 486),
    ])
    func theMostMeaningfulRefusalIsTold(statuses: [SessionStatus], sip: Int) {
        var call = RecordedInbound(devices: 3)
        for (device, status) in statuses.enumerated() {
            #expect(call.finals.isEmpty, "not while a device is left")
            call.put(status, device: device)
        }
        #expect(call.finals == [sip])
        #expect(call.isFinished)
    }

    @Test func whatComesFromOutsideEndsEverySession() {
        var call = RecordedInbound(devices: 3)
        call.put(.busy, device: 1)
        call.handle(.cancel(reason: "SIP;cause=200", isAnsweredElsewhere: true))
        #expect((0..<3).map { call.status($0) } == [.sessionCancelled, .busy, .sessionCancelled])
        #expect(call.session(0).reason == "answered elsewhere")
        #expect(call.finals == [487])
    }
}
