import CallCore
import Foundation

/// Refusing calls at once that there is no time for: before the library has made a request of the bytes, for each that is
/// refused takes from those that are carried out.
extension Router {
    /// What a plain request for an ordinary call is refused with; nil if it is to go the usual way.
    /// - Parameters:
    ///   - bytes: all that has come of a request.
    ///   - waited: how long it has waited, in nanoseconds.
    func refusalForLoad(
        of bytes: UnsafeBufferPointer<UInt8>, waited: () -> UInt64
    ) -> (exchange: Exchange, response: RefusalTexts.Text, correlator: String)? {
        guard let calls, bytes.first == UInt8(ascii: "P"), bytes.count > 1, bytes[1] == UInt8(ascii: "O") else {
            return nil
        }
        var found: (creation: Creation, correlator: String)?
        let error = calls.refusalForLoad(waited: waited()) {
            guard let post = PlainPost(bytes),
                let creation = creations.first(where: { $0.target.elementsEqual(post.target) }),
                creation.api.isCertainlyOrdinary(post.body)
            else { return true }
            let correlator = Correlator(
                requested: String(decoding: post.correlator, as: UTF8.self), orElse: makeCorrelator)
            if correlator.isRefused { return true }
            found = (creation, correlator.text)
            return false
        }
        guard let error, let found else { return nil }
        var exchange = Exchange(method: .post, route: found.creation.route, correlator: found.correlator)
        exchange.isRefusedForLoad = true
        return (exchange, texts.text(of: error, by: self), found.correlator)
    }

    /// A path whose POST opens a session.
    struct Creation {
        /// `POST ` and the path.
        let target: [UInt8]
        /// For logs.
        let route: String
        let api: any API
    }

    static func creations(of mounts: [(path: String, api: any API)]) -> [Creation] {
        mounts.compactMap { path, api in
            guard let route = api.route(.post, "/sessions"), route.operation?.opensSession == true else { return nil }
            return Creation(target: Array("POST \(path)/sessions".utf8), route: path + route.template, api: api)
        }
    }
}

/// The responses to calls that are refused for want of time: whole, and different in nothing but their correlators and
/// `Retry-After`.
final class RefusalTexts {
    /// A response around its correlator.
    struct Text {
        let head: [UInt8]
        let tail: [UInt8]
    }

    private var texts: [Int: Text] = [:]

    /// The response to such an error, whose status is 503; made once for each `Retry-After`.
    func text(of error: CAMARAError, by router: Router) -> Text {
        if let known = texts[error.retryAfter ?? 0] { return known }
        let mark = "correlator"
        let response = router.response(to: error, in: Router.Exchange(method: .post, correlator: mark))
        var head: [UInt8] = []
        var tail: [UInt8] = []
        for header in response.headers where header.name != Correlator.header {
            tail += Array("\r\n\(header.name): \(header.value)".utf8)
        }
        head += Array("HTTP/1.1 503 Service Unavailable\r\n\(Correlator.header): ".utf8)
        tail += Array("\r\nContent-Length: \(response.body.count)\r\n\r\n".utf8) + response.body
        let text = Text(head: head, tail: tail)
        texts[error.retryAfter ?? 0] = text
        return text
    }
}
