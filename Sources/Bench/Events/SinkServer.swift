import CBench
import Foundation
import Synchronization
import TestSink
import TestTLS

/// The sink process: an HTTPS sink that answers 204 at once and keeps a ledger. It ends when the benchmark does.
enum SinkServer {
    private struct State {
        var ledger = EventLedger()
        /// What the benchmark waits for.
        var awaited: (ended: Int, subscriptions: Int)?

        /// The counts, if they are what is awaited; they are told once.
        mutating func due() -> EventLedger.Counts? {
            guard let awaited, ledger.counts.ended >= awaited.ended,
                ledger.counts.subscriptionsEnded >= awaited.subscriptions
            else { return nil }
            self.awaited = nil
            return ledger.counts
        }
    }

    private final class Books: Sendable {
        let state = Mutex(State())
        let channel: LineChannel

        init(_ channel: LineChannel) { self.channel = channel }

        func take(_ request: SinkRequest) -> SinkReply {
            let event = request.body.withUnsafeBytes { bytes in
                bytes.bindMemory(to: UInt8.self).baseAddress.flatMap { EventText($0, bytes.count) }
            }
            change { state in
                guard state.ledger.take(event), case .invitation(let session, let caller) = event?.kind else { return }
                // Under the lock, so that no line comes between the bytes of another.
                channel.send(.invited(session: session, caller: caller))
            }
            return .status(204)
        }

        func await(ended: Int, subscriptions: Int) { change { $0.awaited = (ended, subscriptions) } }

        private func change(_ change: (inout State) -> Void) {
            state.withLock { state in
                change(&state)
                if let due = state.due() { channel.send(.counts(due)) }
            }
        }
    }

    /// Serves until the other end of the channel is closed. `arguments`: the channel's descriptor.
    static func run(_ arguments: ArraySlice<String>) throws {
        guard let text = arguments.first, let descriptor = Int32(text), fcntl(descriptor, F_GETFD) >= 0 else {
            throw BenchError.usage("\(SinkProcess.argument) is for the benchmark's own use")
        }
        // For the sink's threads as well, which are begun by this one.
        guard cbench_preempt_nobody(true) == 0 else { throw BenchError.system("sched_setscheduler", errno) }
        let channel = LineChannel(descriptor)
        let books = Books(channel)
        // What it writes belongs into its working directory.
        setenv("TMPDIR", FileManager.default.currentDirectoryPath, 1)
        let authority = try TestAuthority()
        let sink = try TestSink(authority, keepsRequests: false) { books.take($0) }
        channel.send(.ready(port: sink.port, authority: authority.ca))
        while case .tell(let ended, let subscriptions) = channel.receive() {
            books.await(ended: ended, subscriptions: subscriptions)
        }
        sink.stop()
        withExtendedLifetime(authority) {}
    }
}
