import Glibc

/// The invitations that the sink process passes on, read as they come without waiting.
struct InvitationChannel {
    /// A `session-invitation` event.
    struct Invitation: Equatable {
        let session: String
        /// The twelve digits of its caller's number: the call's.
        let caller: UInt64
    }

    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What has come since the last time.
    /// - Throws: ``BenchError`` if the sink is gone.
    mutating func take() throws -> [Invitation] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else { throw BenchError.sink("is gone") }
            buffer += chunk[..<count]
            if count < chunk.count { break }
        }
        guard let last = buffer.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = buffer[..<last].split(separator: UInt8(ascii: "\n"))
        buffer.removeFirst(last + 1)
        return lines.compactMap { line in
            guard case .invited(let session, let caller) = SinkMessage(String(decoding: line, as: UTF8.self)) else {
                return nil
            }
            return Invitation(session: session, caller: caller)
        }
    }
}
