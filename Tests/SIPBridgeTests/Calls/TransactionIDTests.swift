import Testing

@testable import CallCore
@testable import SIPBridge

@Suite("Ids of transactions and legs")
struct TransactionIDTests {
    @Test func everyIDComesBack() {
        var seen: Set<UInt64> = []
        let calls: [UInt64] = [1, 2, 4_095, 4_096, 1 << 40, (1 << 52) - 1]
        for call in calls {
            for kind in [
                TransactionID.Kind.invite, .dialog, .prack, .bye, .refresh, .reinvite, .peerInvite, .calledInvite,
                .calledDialog, .calledBye, .register,
            ] {
                for attempt in 0..<16 {
                    for dialog in 0..<16 {
                        let id = TransactionID(call: call, kind: kind, attempt: attempt, dialog: dialog)
                        #expect(TransactionID(rawValue: id.rawValue) == id)
                        #expect(id.rawValue != 0, "0 stands for no dialog")
                        #expect(seen.insert(id.rawValue).inserted)
                    }
                }
            }
        }
    }

    @Test func theBoundsOfACallFit() {
        #expect(OutboundCall.maximumAttempts <= 16)
        #expect(OutboundCall.maximumDialogs <= 16)
        let last = OutboundCall.DialogID(
            attempt: OutboundCall.maximumAttempts - 1, index: OutboundCall.maximumDialogs - 1)
        #expect(TransactionID(rawValue: TransactionID(call: 9, kind: .bye, dialog: last).rawValue)?.dialogID == last)
    }

    @Test(arguments: [0, 0x1000, 0xF00, 0xE00] as [UInt64])
    func whatIsNoIDIsNone(rawValue: UInt64) {
        #expect(TransactionID(rawValue: rawValue) == nil)
    }
}
