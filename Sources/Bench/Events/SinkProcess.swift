import Foundation

/// A process of its own for the sink, so that what the sink costs is neither the gateway's nor the driver's.
final class SinkProcess {
    /// Makes this program a sink.
    static let argument = "--sink"

    let url: String
    /// The file that the gateway checks it against.
    let authority: String
    let meter: ProcessMeter
    private let child: ChildProcess
    private let channel: LineChannel

    /// `directory`: for its files.
    init(directory: String) throws {
        let (own, others) = try LineChannel.pair()
        // The child's end alone survives its start; here it is closed when it goes out of scope.
        guard fcntl(others.descriptor, F_SETFD, 0) == 0 else { throw BenchError.system("fcntl", errno) }
        channel = own
        child = try ChildProcess(
            ["/proc/self/exe", SinkProcess.argument, "\(others.descriptor)"], in: directory,
            log: directory + "/sink.log")
        meter = ProcessMeter(process: child.id)
        guard own.isReadable(within: 15_000), case .ready(let port, let authority) = own.receive() else {
            throw BenchError.sink("did not start: \(child.lastWords)")
        }
        url = "https://127.0.0.1:\(port)/events"
        self.authority = authority
    }

    deinit { child.signal(SIGTERM) }

    /// Where its lines come, for who waits for other things as well.
    var descriptor: Int32 { channel.descriptor }

    /// Asks for the counts, once so many sessions and subscriptions have ended.
    func ask(whenEnded ended: Int, subscriptions: Int) throws {
        guard channel.send(.tell(whenEnded: ended, subscriptions: subscriptions)) else {
            throw BenchError.sink("is gone: \(child.lastWords)")
        }
    }

    /// What was asked for; nil if it has not happened yet.
    func answer() throws -> EventLedger.Counts? {
        while channel.isReadable(within: 0) {
            switch channel.receive() {
            case .counts(let counts): return counts
            // Of a call that has failed meanwhile.
            case .invited: continue
            case .ready, .tell, nil: throw BenchError.sink("is gone: \(child.lastWords)")
            }
        }
        return nil
    }

    /// The counts as they are.
    func counts() throws -> EventLedger.Counts {
        try ask(whenEnded: 0, subscriptions: 0)
        let deadline = Nanoseconds.now + .seconds(5)
        while Nanoseconds.now < deadline {
            if channel.isReadable(within: 100), let counts = try answer() { return counts }
        }
        throw BenchError.sink("does not answer")
    }
}
