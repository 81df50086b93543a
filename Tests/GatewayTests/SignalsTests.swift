import Foundation
import Testing

@testable import Gateway

@Suite struct SignalsTests {
    /// Signals aimed at the waiting thread, so that the test run itself is not ended by them.
    @Test func eachSignalBecomesOneCallInTurn() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
        let thread = try #require(Signals.watch { continuation.yield($0) })
        var iterator = signals.makeAsyncIterator()
        for signal in ProcessSignal.allCases + [.terminate] {
            #expect(pthread_kill(thread, signal.number) == 0)
            #expect(await iterator.next() == signal)
        }
    }
}
