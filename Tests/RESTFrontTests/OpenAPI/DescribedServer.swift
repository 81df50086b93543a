import CallCore
import Foundation
import Synchronization

@testable import RESTFront

/// The router with every mount and the description, and nobody who may do anything.
struct DescribedServer {
    let mounts: [Mount]
    let document: OpenAPIDocument
    private let backend: Backend
    private let router: Router

    init(mounts: [Mount] = Mount.published, prefix: String = "") {
        let calls = FakeCalls()
        self.mounts = mounts
        backend = Backend(
            calls: calls, registrations: FakeRegistrations(), subscriptions: FakeSubscriptions(),
            emergencyNumbers: .none, makeSessionID: { SessionID(rawValue: "0123456789ABCDEF") },
            now: { RouterHarness.now })
        document = OpenAPIDocument(mounts: mounts, prefix: prefix, hasRegistrar: true, version: "1.2.3")
        router = Router(
            mounts: backend.served(mounts, prefix: prefix) + [(prefix, DescriptionAPI(document))], calls: calls,
            authenticator: Nobody(), makeCorrelator: { "generated" })
    }

    func api(_ mount: Mount) -> (any API)? { backend.api(mount.api) }

    func respond(_ method: HTTPMethod, _ path: String) -> HTTPResponse {
        let (_, outcome) = router.handle(HTTPRequest(method: method, path: path), as: 1, replyTo: NoReplies())
        guard case .answered(let response) = outcome else { return HTTPResponse(status: 0) }
        return response
    }

    private struct Nobody: Authenticator {
        func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? { throw .unauthenticated }
    }

    private struct NoReplies: ReplySink {
        func post(_ reply: Result<Outcome, CAMARAError>, to exchange: UInt64) {}
        func post(caller: Result<Caller, CAMARAError>, to exchange: UInt64) {}
    }
}
