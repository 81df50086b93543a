import Foundation
import Synchronization
import TestPeer
import TestSink
import TestTLS
import Testing

/// A sink, and what it has been told in the order in which it came.
final class EventInbox: Sendable {
    /// Trusted by every gateway of ``ScenePlan/events``.
    static let authority = Result { try TestAuthority() }

    let sink: TestSink
    private let path: String
    private let mailbox: Mailbox<SinkRequest>

    /// A sink that answers by `script`; without one, 204 at once. What it refuses is in the inbox too.
    ///
    /// - Parameter port: for one that stands where another was. Without it the sink has a URL that no other has had: the
    ///   system gives out ports of sinks that are gone, and to the gateway a sink at such a URL would be the dead one,
    ///   left alone for up to a minute, and told what that had missed.
    init(port: UInt16? = nil, script: @escaping TestSink.Script = { _ in .status(204) }) throws {
        let mailbox = Mailbox<SinkRequest>()
        let path = port == nil ? "/events/\(UInt64.random(in: 0 ... .max))" : "/events"
        (self.mailbox, self.path) = (mailbox, path)
        sink = try TestSink(try EventInbox.authority.get(), port: port ?? 0, keepsRequests: false) { request in
            guard request.path == path else { return .status(204) }
            mailbox.put(request)
            return script(request)
        }
    }

    var url: String { sink.url(path) }

    /// What has come and no test has asked for.
    var unread: [SinkRequest] { mailbox.values }

    /// The next POST that `wants` accepts.
    /// - Throws: ``PatienceLost`` with what came instead.
    func next(
        _ what: String = "event", within patience: Duration = Patience.standard,
        where wants: @escaping @Sendable (SinkRequest) -> Bool = { _ in true }
    ) async throws -> SinkRequest {
        guard let request = await mailbox.next(within: patience, where: wants) else {
            throw PatienceLost(what, ladder: unread.map(\.summary).joined(separator: "\n"))
        }
        return request
    }

    /// The next POST of a session's status.
    func status(_ status: String) async throws -> SinkRequest {
        let event = try await next(status)
        try #require(event.string("data.status") == status, "\(event.summary)")
        return event
    }

    /// The next POST whose type ends with `kind`, such as `subscription-ended`.
    func kind(_ kind: String) async throws -> SinkRequest {
        try await next(kind) { $0.string("type")?.hasSuffix(".\(kind)") ?? false }
    }
}

extension SinkRequest {
    /// One line for a failure.
    var summary: String {
        let parts = ["type", "id", "data.status", "data.sequenceNumber", "data.terminationReason"]
        return parts.compactMap { name in
            string(name) ?? int(name).map(String.init)
        }.joined(separator: " ")
    }
}
