import CSofiaSIP
import SIPBridge

/// The shim's callbacks: they find the endpoint and enter it. They run on the SIP thread, from inside `csip_agent_step`.
extension SIPEndpoint {
    /// `context` is this endpoint, which outlives the C agent that holds it: the thread that runs one owns the other.
    nonisolated func makeHandlers() -> csip_handlers {
        csip_handlers(
            context: Unmanaged.passUnretained(self).toOpaque(),
            on_response: { context, transaction, client, response in
                let handed = Handed((response, client))
                SIPEndpoint.enter(context) {
                    $0.received(handed.value.0, for: transaction, client: handed.value.1)
                }
            },
            on_admission: { context, request in
                let handed = Handed(request)
                return SIPEndpoint.enter(context, else: false) { $0.admits(handed.value) }
            },
            on_request: { context, leg, server, request in
                let handed = Handed((request, server))
                SIPEndpoint.enter(context) { $0.received(handed.value.0, on: leg, server: handed.value.1) }
            },
            on_acknowledged: { context, transaction, method, request in
                let handed = Handed((method, request))
                SIPEndpoint.enter(context) {
                    $0.acknowledged(transaction, method: handed.value.0, request: handed.value.1)
                }
            },
            on_prack: { context, transaction, prack, _ in
                let handed = Handed(prack)
                SIPEndpoint.enter(context) { $0.pracked(transaction, by: handed.value) }
            })
    }

    private static func enter<Value: Sendable>(
        _ context: UnsafeMutableRawPointer?, else missing: Value, _ body: (isolated SIPEndpoint) -> Value
    ) -> Value {
        guard let context else { return missing }
        let endpoint = Unmanaged<SIPEndpoint>.fromOpaque(context).takeUnretainedValue()
        return endpoint.assumeIsolated(body)
    }

    private static func enter(_ context: UnsafeMutableRawPointer?, _ body: (isolated SIPEndpoint) -> Void) {
        enter(context, else: (), body)
    }
}
