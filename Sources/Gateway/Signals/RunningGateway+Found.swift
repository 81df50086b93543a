import Foundation

extension RunningGateway {
    /// A connection to the gateway that runs.
    final class Found: Sendable {
        /// Its process; nil if it is in another process name space.
        let process: pid_t?
        private let descriptor: Int32

        init(process: pid_t?, descriptor: Int32) {
            self.process = process
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }

        /// Asks it to drain, or, if it does so already, to hurry.
        /// - Parameter seconds: how long it may take to answer: it may just be starting.
        /// - Returns: what it does now; nil if it ended before it could say so.
        func drain(within seconds: Int = 30) throws(Missing) -> String? {
            try ask(Question.drain, within: seconds)
            switch readLine(from: descriptor) {
            case .line(Question.denied): throw .denied
            case .line(let answer): return answer
            case .end: return nil
            case .nothing: throw .silent
            }
        }

        /// Asks it to read its configuration again.
        /// - Parameter seconds: how long each part of the answer may take: it may just be starting.
        /// - Returns: whether it has taken it, and what it says; nil if it ended before it could say so.
        func reload(within seconds: Int = 60) throws(Missing) -> (isTaken: Bool, text: String)? {
            try ask(Question.reload, within: seconds)
            switch readLine(from: descriptor) {
            case .line(Question.denied): throw .denied
            case .line(let answer): return (answer == Question.taken, readRest(from: descriptor))
            case .end: return nil
            case .nothing: throw .silent
            }
        }

        private func ask(_ question: String, within seconds: Int) throws(Missing) {
            setTimeLimit(seconds)
            // One that has ended meanwhile is told nothing: that is EPIPE, and no signal.
            let request = Array(question.utf8)
            if send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) < 0 {
                guard errno == EPIPE || errno == ECONNRESET else { throw .system(errno) }
            }
        }

        /// Returns when the process has ended.
        func waitForEnd() {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&state, 1, -1) < 0, errno == EINTR {}
        }

        private func setTimeLimit(_ seconds: Int) {
            RunningGateway.setTimeLimit(seconds, on: descriptor)
        }
    }

    /// What is said on the socket: one line each way, and on reload text after it.
    enum Question {
        static let drain = "drain\n"
        static let reload = "reload\n"
        static let taken = "reloaded"
        static let refused = "refused"
        static let denied = "denied"
    }

    enum Line: Equatable {
        case line(String)
        /// The peer has closed.
        case end
        /// It has said nothing in time, or no line.
        case nothing
    }

    /// Reads one short line; waits no longer than the descriptor's time limit allows for each part of it.
    static func readLine(from descriptor: Int32) -> Line {
        var bytes: [UInt8] = []
        while bytes.count < 64 {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == ECONNRESET { return .end }
            guard count >= 0 else { return .nothing }
            guard count > 0 else { return bytes.isEmpty ? .end : .nothing }
            if byte == UInt8(ascii: "\n") { return .line(String(decoding: bytes, as: UTF8.self)) }
            bytes.append(byte)
        }
        return .nothing
    }

    /// What comes until the peer closes, at most a megabyte.
    static func readRest(from descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < 1 << 20 {
            let count = recv(descriptor, &block, block.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += block.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func setTimeLimit(_ seconds: Int, on descriptor: Int32) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }
}
