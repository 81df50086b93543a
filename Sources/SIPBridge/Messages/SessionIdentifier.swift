/// The two UUIDs that name a communication session from end to end, as our messages tell them (RFC 7989 §4.2).
struct SessionIdentifier: Equatable {
    /// Ours; it stays as it is (§6).
    let own: SessionUUID
    /// The peer's, or the nil one. Ours where the peer knows sessions of one UUID alone (RFC 7329), which names both ends then
    /// (RFC 7989 §11).
    private(set) var peer: SessionUUID

    init(own: SessionUUID, peer: SessionUUID = .none) {
        self.own = own
        self.peer = peer
    }

    /// Of a session that the peer begins; `own` is for one who knows two UUIDs, or none.
    init(own: SessionUUID, answering field: SessionIDField?) {
        guard let field, field.uuid != .none else {
            self.init(own: own)
            return
        }
        // RFC 7989 §11: who names no remote end has given the whole session one UUID.
        self.init(own: field.namesRemote ? own : field.uuid, peer: field.uuid)
    }

    /// Takes what a message of the peer's tells: any UUID that it may have now (§6, §8). None, or the nil one, changes nothing.
    mutating func take(_ field: SessionIDField?) {
        guard let field, field.uuid != .none else { return }
        if field.uuid != own {
            peer = field.uuid
        } else if !field.namesRemote {
            // Ours has come back alone (§11). With a remote one it has been repeated as it was sent, which tells nothing.
            peer = own
        }
    }

    /// What begins another dialog with the same peer: a session of one UUID is that of its dialog alone (§11).
    var restarted: SessionIdentifier { peer == own ? SessionIdentifier(own: own) : self }

    // MARK: - The header

    /// The header line, without its end.
    var line: String {
        String(unsafeUninitializedCapacity: SessionIdentifier.longest) { write(into: $0) }
    }

    /// Calls `body` with the header's line and further ones, LF between them, as one C string. Nothing is allocated for lines
    /// of the usual lengths.
    func withLines<Result>(
        _ more: String? = nil, _ others: String? = nil, _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        // Each has an LF before it, and the last the NUL after it.
        let length = SessionIdentifier.longest + (more?.utf8.count ?? 0) + (others?.utf8.count ?? 0) + 3
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { buffer in
            var end = write(into: buffer)
            SessionIdentifier.append(more, to: buffer, at: &end)
            SessionIdentifier.append(others, to: buffer, at: &end)
            buffer[end] = 0
            // Unsafe by name only: there is room for a header.
            return buffer.withMemoryRebound(to: CChar.self) { body(UnsafePointer($0.baseAddress.unsafelyUnwrapped)) }
        }
    }

    private static let name: StaticString = "Session-ID: "
    private static let remote: StaticString = ";remote="
    /// Both with a UUID each.
    private static let longest = name.utf8CodeUnitCount + remote.utf8CodeUnitCount + 2 * SessionUUID.digits

    private func write(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var end = 0
        SessionIdentifier.append(SessionIdentifier.name, to: buffer, at: &end)
        own.write(into: buffer, at: &end)
        guard peer != own else { return end }
        SessionIdentifier.append(SessionIdentifier.remote, to: buffer, at: &end)
        peer.write(into: buffer, at: &end)
        return end
    }

    private static func append(_ text: StaticString, to buffer: UnsafeMutableBufferPointer<UInt8>, at end: inout Int) {
        for place in 0..<text.utf8CodeUnitCount { buffer[end + place] = text.utf8Start[place] }
        end += text.utf8CodeUnitCount
    }

    private static func append(_ lines: String?, to buffer: UnsafeMutableBufferPointer<UInt8>, at end: inout Int) {
        guard let lines else { return }
        buffer[end] = UInt8(ascii: "\n")
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[(end + 1)...])
        end += 1 + rest.initialize(from: lines.utf8).index
    }
}

/// What the responses to a request inside a dialog tell (RFC 7989 §8).
struct RequestIdentifier: Equatable {
    /// With what the request has told.
    private let told: SessionIdentifier
    /// The peer's UUID as it was known when the request came.
    private let known: SessionUUID

    init(_ identifier: SessionIdentifier, _ field: SessionIDField?) {
        known = identifier.peer
        var told = identifier
        told.take(field)
        self.told = told
    }

    /// The identifier of a response that is sent now: with the request's UUID, unless a transaction since has told another.
    /// - Parameter identifier: the dialog's, as it is now.
    func response(_ identifier: SessionIdentifier) -> SessionIdentifier {
        identifier.peer == known ? told : identifier
    }

    /// Whether a response with this status makes the request's UUID the peer's.
    static func isAccepted(by status: Int) -> Bool { (200..<400).contains(status) }
}
