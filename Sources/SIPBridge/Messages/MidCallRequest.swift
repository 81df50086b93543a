import CSofiaSIP
import CallCore

/// A request in a dialog, reduced to what decides its answer before the call is asked.
enum MidCallRequest {
    /// Why a re-INVITE or UPDATE is refused for its form (RFC 3261 §8.2); nil if it is not.
    static func refusal(of request: csip_request, minimum: UInt32 = minimumInterval) -> StrayRequest.Answer? {
        if let option = request.unsupported_option.map({ String(cString: $0) }) {
            return StrayRequest.isToken(option)
                ? .init(status: 420, headers: "Unsupported: \(option)") : .init(status: 400)
        }
        if request.method == CSIP_INVITE, !request.has_contact { return .init(status: 400) }
        if request.body_length > 0, !isSDP(request.content_type) { return .init(status: 415) }
        return timerRefusal(
            expires: request.session_expires, supportsTimer: request.supports_timer, minimum: minimum)
    }

    /// RFC 4028 §9: 422 for a session interval that is too small, and only to a peer that knows timers.
    /// - Parameter minimum: the trunk's.
    static func timerRefusal(
        expires: UInt32, supportsTimer: Bool, minimum: UInt32 = minimumInterval
    ) -> StrayRequest.Answer? {
        guard supportsTimer, expires > 0, expires < minimum else { return nil }
        return .init(status: 422, headers: "Min-SE: \(minimum)")
    }

    /// The smallest session interval there is, seconds (RFC 4028 §4).
    static let minimumInterval: UInt32 = 90

    /// The answer to a request that is no call's affair.
    static func answer(to request: csip_request) -> StrayRequest.Answer {
        switch request.method {
        case CSIP_OPTIONS: .init(status: 200)
        case CSIP_PRACK: .init(status: 481)
        case CSIP_INFO: answerToInfo(hasPackage: request.has_info_package, hasBody: request.body_length > 0)
        // REFER too: no transfer is offered, and Allow says so (RFC 3515 §2.4.2 leaves it to RFC 3261 §8.2.1).
        default: .init(status: StrayRequest.isKnown(request.method) ? 405 : 501)
        }
    }

    /// INFO, by RFC 6086 §4.2.2: 469 for an Info Package, because we asked for none; without one 415 for a body, whose
    /// use nobody has agreed on, and 200 for none (RFC 2976 §2.2).
    static func answerToInfo(hasPackage: Bool, hasBody: Bool) -> StrayRequest.Answer {
        if hasPackage { return .init(status: 469, headers: "Recv-Info: nil") }
        return .init(status: hasBody ? 415 : 200)
    }

    /// What its body is.
    enum Body: Equatable {
        case none
        case description(SessionDescription)
        /// Refused with this status: 400 for bad form, 488 for more than is taken.
        case refused(status: Int)
    }

    static func body(of request: csip_request) -> Body {
        body(UnsafeBufferPointer(start: request.body, count: request.body == nil ? 0 : request.body_length))
    }

    static func body(_ bytes: UnsafeBufferPointer<UInt8>) -> Body {
        guard !bytes.isEmpty else { return .none }
        guard bytes.count <= SessionDescription.maximumBytes else { return .refused(status: 488) }
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(SessionDescription.Malformed) {
            return .description(try SessionDescription(text))
        } catch {
            return .refused(status: error.exceedsLimit ? 488 : 400)
        }
    }

    /// The description in its body, if there is one of good form.
    static func description(in request: csip_request) -> SessionDescription? {
        guard isSDP(request.content_type), case .description(let description) = body(of: request) else { return nil }
        return description
    }

    private static func isSDP(_ type: UnsafePointer<CChar>?) -> Bool {
        type.map { String(cString: $0).lowercased() } == "application/sdp"
    }

    /// What the request says about the session timer (RFC 4028 §9). Where the peer leaves the refreshing to us, or knows no
    /// timers, we refresh.
    /// - Parameter wanted: the interval that we ask for where the peer asks for none, seconds; 0: none (§9).
    static func sessionTimer(_ request: csip_request, wanted: UInt32 = 0) -> TimerTerms {
        TimerTerms(
            expires: request.session_expires, minSE: request.min_se, supportsTimer: request.supports_timer,
            refresherIsUAC: request.refresher_is_uac, wanted: wanted)
    }
}

/// The session timer that a 2xx of ours agrees to (RFC 4028 §9).
struct TimerTerms: Equatable {
    /// Seconds; nil: none.
    var interval: UInt32?
    /// Whether we refresh.
    var isOurs: Bool
    /// The header lines that say so.
    var line: String?

    /// - Parameters:
    ///   - expires: the peer's interval, seconds; 0: it asks for none.
    ///   - minSE: the least that it takes, seconds.
    ///   - wanted: ours, where it asks for none.
    init(expires: UInt32, minSE: UInt32, supportsTimer: Bool, refresherIsUAC: Bool, wanted: UInt32) {
        isOurs = !(refresherIsUAC && supportsTimer)
        let agreed = expires == 0 && wanted > 0 ? max(wanted, minSE) : expires
        guard agreed > 0 else { return }
        interval = agreed
        let require = supportsTimer ? "\nRequire: timer" : ""
        line = "Session-Expires: \(agreed);refresher=\(isOurs ? "uas" : "uac")\(require)"
    }
}
