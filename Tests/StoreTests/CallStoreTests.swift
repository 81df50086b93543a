import CallCore
import Foundation
import Testing

@testable import Store

/// Live calls are written, and read by the next run alone.
@Suite struct CallStoreTests {
    private let clock = TestClock()
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func open(_ kind: StoreKind = .sqlite) throws -> any Store { try kind.open(in: folder, clock: clock) }

    private func call(_ id: String, hasAll: Bool = true, sequenceNumber: Int = 1) throws -> StoredCall {
        let number = try #require(PhoneNumber("+17085854001"))
        let sdp = try SessionDescription("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 9 RTP/SAVPF 0\r\n")
        let full = Session(
            id: SessionID(rawValue: id), direction: .inbound, owner: SessionOwner(client: "app", user: number),
            originatorAddress: "tel:+17085854001", originatorName: "Alice", receiverAddress: "tel:+17085854002",
            receiverName: "Bob", callType: .regular, clientCorrelator: "mine",
            device: SessionDevice(registrationID: RegistrationID(rawValue: "r1"), deviceID: "d1"), correlator: "c1",
            offer: sdp, answer: sdp, status: .connected, sequenceNumber: sequenceNumber)
        let bare = Session(
            id: SessionID(rawValue: id), owner: SessionOwner(client: "app"), originatorAddress: "tel:+17085854001",
            receiverAddress: "tel:+17085854002", sequenceNumber: sequenceNumber)
        let dialog = StoredCall.Dialog(
            callID: "call", local: "\"Al\" <sip:a@example>;tag=1", remote: "<sip:b@example>;tag=2",
            routes: "<sip:192.0.2.1;lr>, <sip:192.0.2.2;lr>", target: "<sip:192.0.2.3:5070>", localCSeq: 4_294_967_295,
            remoteCSeq: 0)
        return StoredCall(
            session: hasAll ? full : bare, dialog: hasAll ? dialog : nil, nextHop: hasAll ? "sip:192.0.2.1" : "")
    }

    @Test func theNextRunReadsWhatIsLeftOnce() async throws {
        let first = try open()
        let calls = [try call("m1"), try call("m2", hasAll: false), try call("m3")]
        for call in calls { first.keep(call) }
        first.keep(try call("m3", sequenceNumber: 7))
        try await first.flush()
        first.removeCall(SessionID(rawValue: "m1"))
        first.removeCall(SessionID(rawValue: "none"))
        // Of this run's own calls, nothing is left.
        #expect(first.takeLeftCalls().isEmpty)
        try await first.close()

        let second = try open()
        let left = second.takeLeftCalls().sorted { $0.session.id.rawValue < $1.session.id.rawValue }
        #expect(left == [try call("m2", hasAll: false), try call("m3", sequenceNumber: 7)])
        #expect(second.takeLeftCalls().isEmpty)
        second.removeCall(SessionID(rawValue: "m2"))
        try await second.close()

        // What has not been ended is there again.
        let third = try open()
        #expect(third.takeLeftCalls() == [try call("m3", sequenceNumber: 7)])
        try await third.close()
    }

    @Test func inMemoryNothingIsLeft() async throws {
        let store = try open(.memory)
        store.keep(try call("m1"))
        #expect(store.takeLeftCalls().isEmpty)
        #expect(store.statistics().unwrittenEntries == 0)
        try await store.close()
    }

    @Test func aCallThatComesAndGoesIsNeverWritten() throws {
        var contents = Contents(limits: StoreLimits(), loaded: [])
        let key = RowKey.call(SessionID(rawValue: "m1"))
        contents.set(key, to: .call(try call("m1")))
        contents.set(key, to: nil)
        #expect(contents.takeBatch().isEmpty)
        // Memory counts nothing of it.
        #expect(contents.bytes == 0)
    }
}
