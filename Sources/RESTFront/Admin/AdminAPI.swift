import CallCore
import Foundation
import Synchronization

/// The pages of an ``AdminServer`` as the router sees them.
struct AdminAPI: API {
    private let pages: [Substring: (page: AdminServer.Page, places: Places)]

    /// How often a page is being made now. One that waits for a thread that hangs waits for ever, though its client is
    /// answered 504: no more of them than this, and other pages are made all the same.
    private final class Places: Sendable {
        static let maximum = 8
        private let taken = Mutex(0)

        func take() -> Bool {
            taken.withLock { taken in
                guard taken < Places.maximum else { return false }
                taken += 1
                return true
            }
        }

        func release() { taken.withLock { $0 -= 1 } }
    }

    init(pages: [AdminServer.Page]) {
        self.pages = Dictionary(
            pages.map { (Substring($0.path), (page: $0, places: Places())) }, uniquingKeysWith: { first, _ in first })
    }

    /// There is no state to conflict with.
    var stateConflict: CAMARAError.Code { .conflict }

    func route(_ method: HTTPMethod, _ path: Substring) -> Route? {
        guard let (page, places) = pages[path] else { return nil }
        let isRead = method == .get || method == .head
        return Route(
            template: page.path, allow: "GET, HEAD, OPTIONS",
            operation: isRead ? Route.Operation(answersJSON: false, carryOut: make(page, places)) : nil)
    }

    private func make(_ page: AdminServer.Page, _ places: Places) -> (Route.Context) throws(CAMARAError) -> Outcome {
        { context throws(CAMARAError) in
            guard places.take() else {
                throw CAMARAError(503, .unavailable, "Too many of these are being made already.", retryAfter: 1)
            }
            let reply = context.reply
            Task {
                let content = await page.make()
                places.release()
                reply(
                    .success(
                        .document(
                            Document(
                                content.text, contentType: content.type, status: content.status,
                                cacheControl: "no-store"))))
            }
            return .waiting(abandonable: nil)
        }
    }
}
