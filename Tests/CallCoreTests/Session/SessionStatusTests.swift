import CallCore
import Testing

@Suite("Session statuses")
struct SessionStatusTests {
    @Test func nothingFollowsAFinalStatus() {
        let final: Set<SessionStatus> = [
            .terminated, .sessionCancelled, .declined, .failed, .noAnswer, .notReachable, .busy,
        ]
        #expect(Set(SessionStatus.allCases.filter(\.isFinal)) == final)
    }
}
