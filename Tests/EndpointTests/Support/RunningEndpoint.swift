import SIPBridge
import Synchronization
import TestPeer
import Testing

@testable import Endpoint

/// Time that passes when a test says so. The endpoint looks at it at least five times a second.
final class ManualClock: Sendable {
    private let time = Mutex<UInt64>(1_000_000_000)

    func advance(by duration: Duration) { time.withLock { $0 += duration.nanoseconds } }

    var now: UInt64 { time.withLock { $0 } }
}

/// An endpoint on a port of its own, its lines, and a caller.
struct RunningEndpoint {
    let endpoint: SIPEndpoint
    let address: SocketAddress
    let caller: Caller
    let clock = ManualClock()
    let lines = Mailbox<String>()

    init(
        port: UInt16 = 0, maximumCalls: Int = 100, timerB: Duration = .seconds(32), t1: Duration = .milliseconds(500)
    ) throws {
        let listen = SIPAddress(transport: .udp, host: "127.0.0.1", port: port)
        endpoint = SIPEndpoint(
            EndpointOptions(
                listen: [listen], maximumCalls: maximumCalls, onLine: { [lines] in lines.put($0) },
                clock: { [clock] in clock.now }, timeOfDay: { 0 }, t1: t1, timerB: timerB))
        let bound = try endpoint.start()
        address = SocketAddress(port: try #require(bound.first).port)
        caller = try Caller(to: address)
    }

    /// Returns when everything sent before has been dealt with: OPTIONS is answered in turn.
    func fence(_ call: String) async throws {
        caller.send(.options, call: "fence-\(call)")
        _ = try await caller.response(200, to: .options, call: "fence-\(call)")
    }

    /// Lets time pass, once whatever the endpoint is at is done and its waits have begun.
    func advance(by duration: Duration) async throws {
        try await fence("advance-\(clock.now)")
        clock.advance(by: duration)
    }

    /// The messages of a call as the endpoint tells them: direction and message.
    func ladder(_ call: String) -> [String] {
        lines.values.filter { $0.contains("call \(call.prefix(8))") }.map { line in
            String(line.dropFirst(14).prefix(40)).split(separator: " ", omittingEmptySubsequences: true)
                .joined(separator: " ")
        }
    }
}
