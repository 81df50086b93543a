import CallCore
import Synchronization
import Testing

@testable import SIPBridge

@Suite("The sessions as the API sees them")
struct SessionStoreTests {
    /// A clock that stands still until it is set.
    final class Clock: Sendable {
        private let nanoseconds = Atomic<UInt64>(1)

        var now: UInt64 { nanoseconds.load(ordering: .relaxed) }

        func advance(_ duration: Duration) { nanoseconds.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
    }

    private let clock = Clock()

    private func store(_ retention: SessionStore.Retention = .init()) -> SessionStore {
        SessionStore(retention: retention, clock: { [clock] in clock.now })
    }

    private func isShown(_ id: String, in store: SessionStore) -> Bool {
        store.session(SessionID(rawValue: id)) != nil
    }

    @Test func whatIsPublishedIsShown() {
        let store = store()
        #expect(!isShown("a", in: store))
        store.publish(.sample("a"))
        store.publish(.sample("a", status: .ringing))
        #expect(store.session(SessionID(rawValue: "a"))?.status == .ringing)
        #expect(store.counts == (1, 0))
    }

    @Test func onlyTheOwnerSeesASession() throws {
        let id = SessionID(rawValue: "a")
        let number = try #require(PhoneNumber("+17085852753"))
        let owners = [
            SessionOwner(client: "app"), SessionOwner(client: "app", user: number), SessionOwner(client: "other"),
            SessionOwner(client: "other", user: number), SessionOwner(client: "app", user: PhoneNumber("+17085854000")),
        ]
        for owner in owners {
            let store = store()
            #expect(store.session(id, of: owner) == nil)
            store.publish(.sample("a", owner: owner, status: .ringing))
            for other in owners { #expect((store.session(id, of: other) != nil) == (other == owner)) }
            store.publish(.sample("a", owner: owner, status: .terminated))
            #expect(store.session(id, of: owner)?.status == .terminated)
        }
    }

    @Test func liveSessionsStayForEver() {
        let store = store()
        store.publish(.sample("a", status: .connected))
        clock.advance(.seconds(1_000_000))
        store.prune()
        #expect(isShown("a", in: store))
    }

    @Test func endedSessionsStayForAWhile() {
        let store = store(.init(time: .seconds(300)))
        store.publish(.sample("a", status: .terminated))
        clock.advance(.seconds(200))
        store.publish(.sample("b", status: .busy))
        #expect(store.counts == (2, 2))
        clock.advance(.seconds(100) - .nanoseconds(1))
        store.prune()
        #expect(isShown("a", in: store))
        clock.advance(.nanoseconds(1))
        store.prune()
        #expect(!isShown("a", in: store))
        #expect(isShown("b", in: store))
        clock.advance(.seconds(200))
        store.prune()
        #expect(store.counts == (0, 0))
    }

    @Test func theFinalStatusCountsOnce() {
        let store = store(.init(time: .seconds(10)))
        store.publish(.sample("a", status: .terminated))
        clock.advance(.seconds(5))
        store.publish(.sample("a", status: .terminated))
        #expect(store.counts == (1, 1))
        clock.advance(.seconds(5))
        store.prune()
        #expect(store.counts == (0, 0))
    }

    @Test func theNumberOfEndedSessionsIsBounded() {
        let store = store(.init(count: 3))
        store.publish(.sample("live", status: .connected))
        for number in 0..<10 { store.publish(.sample("\(number)", status: .failed)) }
        #expect(store.counts == (4, 3))
        #expect((0..<10).filter { isShown("\($0)", in: store) } == [7, 8, 9])
        #expect(isShown("live", in: store))
    }

    @Test func theBytesOfEndedSessionsAreBounded() {
        let store = store(.init(bytes: 10_000))
        let reason = String(repeating: "x", count: 4_000)
        for number in 0..<5 { store.publish(.sample("\(number)", status: .failed, reason: reason)) }
        #expect((0..<5).filter { isShown("\($0)", in: store) } == [3, 4])
        // One that is too large by itself takes everything with it.
        store.publish(.sample("large", status: .failed, reason: String(repeating: "x", count: 20_000)))
        #expect(store.counts == (0, 0))
        store.publish(.sample("small", status: .failed))
        #expect(isShown("small", in: store))
    }

    @Test func keepingNothingIsPossible() {
        let store = store(.init(count: 0))
        store.publish(.sample("a", status: .connected))
        store.publish(.sample("a", status: .terminated))
        #expect(store.counts == (0, 0))
    }

    @Test func pruningIsBoundedAndComesToItsEnd() {
        let store = store(.init(time: .seconds(1)))
        for number in 0..<5_000 { store.publish(.sample("\(number)", status: .terminated)) }
        clock.advance(.seconds(1))
        store.prune(limit: 2_000)
        #expect(store.counts == (3_000, 3_000))
        #expect(!isShown("1999", in: store))
        #expect(isShown("2000", in: store))
        store.prune(limit: 2_000)
        store.prune(limit: 2_000)
        #expect(store.counts == (0, 0))
        store.publish(.sample("next", status: .terminated))
        #expect(store.counts == (1, 1))
    }

    @Test func readersDoNotDisturbTheWriter() async {
        let store = store(.init(count: 10))
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for number in 0..<500 {
                        let id = SessionID(rawValue: "\(number)")
                        if let session = store.session(id) { #expect(session.id == id) }
                        #expect(store.counts.ended <= 10)
                    }
                }
            }
            group.addTask {
                for number in 0..<500 {
                    store.publish(.sample("\(number)"))
                    store.publish(.sample("\(number)", status: .terminated))
                }
            }
        }
        #expect(store.counts == (10, 10))
    }
}
