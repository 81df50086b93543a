import CallCore
import Testing

@Suite("Errors in CAMARA's words")
struct CAMARAErrorTests {
    @Test func theMessageIsBounded() {
        #expect(CAMARAError(400, .invalidArgument, String(repeating: "x", count: 512)).message.count == 512)
        #expect(CAMARAError(400, .invalidArgument, String(repeating: "é", count: 5_000)).message.count == 512)
    }

    @Test func codesAreSpelledAsPublished() {
        #expect(CAMARAError.Code.allCases.allSatisfy { $0.rawValue.wholeMatch(of: /[A-Z]+(_[A-Z]+)*/) != nil })
        #expect(Set(CAMARAError.Code.allCases.map(\.rawValue)).count == CAMARAError.Code.allCases.count)
    }

    @Test func textsOfTheSeedDocumentAreExact() {
        #expect(CAMARAError.emergencyNotSupported.status == 501)
        #expect(CAMARAError.emergencyNotSupported.code.rawValue == "CALLTYPE_EMERGENCY_NOT_SUPPORTED")
        #expect(CAMARAError.emergencyNotSupported.message == "Server does not support call type EMERGENCY.")
        #expect(CAMARAError.invalidTokenContext.status == 403)
        #expect(CAMARAError.invalidTokenContext.message == "originator info is not consistent with access token.")
        #expect(CAMARAError.sessionNotFound.status == 404)
    }
}
