import Foundation
import Synchronization
import TestPeer
import TestSink

/// An OpenID provider as the gateway meets it: HTTPS on loopback, certified by the authority of ``EventInbox``.
final class TokenProvider: Sendable {
    /// What a request is answered.
    enum Reply: Sendable {
        /// 200 with this body.
        case json(String)
        /// Another status.
        case failure(Int)
        /// Nothing before the gate is opened, then 200 with this body.
        case late(Gate, String)
    }

    typealias Script = @Sendable (SinkRequest) -> Reply

    /// Answers with the script of the moment; any thread.
    private final class Teller: Sendable {
        let script: Mutex<Script>
        init(_ script: @escaping Script) { self.script = Mutex(script) }
        func reply(to request: SinkRequest) -> Reply { script.withLock { $0 }(request) }
    }

    private let teller: Teller
    private let server: TestSink
    /// Every request as it comes, before it is answered.
    let arrivals: Mailbox<SinkRequest>

    /// - Parameter port: 0 for any.
    init(port: UInt16 = 0, script: @escaping Script) throws {
        let teller = Teller(script)
        let arrivals = Mailbox<SinkRequest>()
        self.teller = teller
        self.arrivals = arrivals
        server = try TestSink(try EventInbox.authority.get(), port: port) { request in
            arrivals.put(request)
            switch teller.reply(to: request) {
            case .json(let body): return .raw(TokenProvider.response(body))
            case .failure(let status): return .status(status)
            case .late(let gate, let body):
                gate.pass()
                return .raw(TokenProvider.response(body))
            }
        }
    }

    /// `https://localhost:PORT/path`
    func url(_ path: String) -> String { server.url(path) }

    /// How many requests have come.
    var requestCount: Int { server.requests.count }

    /// Answers otherwise from now on.
    func answer(_ script: @escaping Script) { teller.script.withLock { $0 = script } }

    func stop() { server.stop() }

    private static func response(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }
}

extension SinkRequest {
    /// The fields of a form, decoded.
    var form: [String: String] {
        var components = URLComponents()
        components.percentEncodedQuery = String(decoding: body, as: UTF8.self)
        return (components.queryItems ?? []).reduce(into: [:]) { $0[$1.name] = $1.value }
    }
}
