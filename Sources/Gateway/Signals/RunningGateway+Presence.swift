import Foundation
import Synchronization

extension RunningGateway {
    /// Held by the gateway that runs.
    final class Presence: Sendable {
        private let descriptor: Int32
        /// Whether a thread answers, which closes the socket then.
        private let isAnswering = Atomic(false)

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit {
            // Ends the thread's accept (unix(7) sockets only), and the waiting of who has not been accepted.
            shutdown(descriptor, Int32(SHUT_RDWR))
            if !isAnswering.load(ordering: .relaxed) { close(descriptor) }
        }

        /// Answers those who ask, on a thread of its own, from now on; once only. Who has asked before has waited.
        /// - Parameters:
        ///   - drain: told to drain; says what is done now.
        ///   - reload: told to read the configuration again; says what has become of it. Nobody else is answered meanwhile.
        func answer(
            drain: @escaping @Sendable () -> Drain.Reaction, reload: @escaping @Sendable () async -> Reload
        ) {
            guard !isAnswering.exchange(true, ordering: .relaxed) else { return }
            let thread = Thread { [descriptor] in Answering(descriptor, drain, reload).run() }
            thread.name = "presence"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    /// What the thread runs.
    private final class Answering {
        private let descriptor: Int32
        private let drain: () -> Drain.Reaction
        private let reload: @Sendable () async -> Reload
        /// Those who wait for the end; the oldest waits no longer when there are too many.
        private var waiting: [Int32] = []
        private static let maximumWaiting = 64

        init(
            _ descriptor: Int32, _ drain: @escaping () -> Drain.Reaction,
            _ reload: @escaping @Sendable () async -> Reload
        ) {
            self.descriptor = descriptor
            self.drain = drain
            self.reload = reload
        }

        func run() {
            while let connection = accept() {
                if answers(connection) { keep(connection) } else { close(connection) }
            }
            for connection in waiting { close(connection) }
            close(descriptor)
        }

        private func accept() -> Int32? {
            while true {
                let connection = Foundation.accept(descriptor, nil, nil)
                if connection >= 0 { return connection }
                switch errno {
                case EINTR, ECONNABORTED: continue
                // Nothing to accept with: it may be better in a while.
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(100_000)
                default: return nil
                }
            }
        }

        /// Whether the connection waits for the end from now on. Strangers are not read from, so that they cannot keep the
        /// thread from others.
        private func answers(_ connection: Int32) -> Bool {
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            setTimeLimit(1, on: connection)
            guard let peer = Peer(of: connection), Peer.mayAsk(peer.user, of: geteuid()) else {
                say(Question.denied, to: connection)
                return false
            }
            guard case .line(let line) = readLine(from: connection) else { return false }
            switch line + "\n" {
            case Question.drain:
                say(drain().rawValue, to: connection)
                return true
            case Question.reload:
                let outcome = reloaded()
                say(outcome.isTaken ? Question.taken : Question.refused, to: connection)
                send(outcome.text, to: connection)
                return false
            default: return false
            }
        }

        private func reloaded() -> Reload {
            let outcome = Mutex(Reload(refused: ""))
            let done = DispatchSemaphore(value: 0)
            Task { [reload] in
                let told = await reload()
                outcome.withLock { $0 = told }
                done.signal()
            }
            done.wait()
            return outcome.withLock { $0 }
        }

        private func say(_ text: String, to connection: Int32) { send(text + "\n", to: connection) }

        /// All of it, unless the peer does not read.
        private func send(_ text: String, to connection: Int32) {
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes {
                    Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                bytes.removeFirst(count)
            }
        }

        private func keep(_ connection: Int32) {
            if waiting.count >= Self.maximumWaiting { close(waiting.removeFirst()) }
            waiting.append(connection)
        }
    }
}
