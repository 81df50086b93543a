import CSofiaSIP
import CallCore

/// The shim's callbacks: they find the agent and enter it. They run on the SIP thread, from inside `csip_agent_step`.
extension SIPAgent {
    /// `context` is this agent, which outlives the C agent that holds it: the thread that runs one owns the other.
    nonisolated func makeHandlers() -> csip_handlers {
        csip_handlers(
            context: Unmanaged.passUnretained(self).toOpaque(),
            on_response: { context, transaction, client, response in
                let handed = Handed((response, client))
                SIPAgent.enter(context) { $0.received(handed.value.0, for: transaction, client: handed.value.1) }
            },
            on_admission: { context, request in
                let source = String(cString: request.pointee.source_address)
                return SIPAgent.enter(context, else: false) { $0.admits(source) }
            },
            on_request: { context, leg, server, request in
                let handed = Handed((request, server))
                SIPAgent.enter(context) { $0.received(handed.value.0, on: leg, server: handed.value.1) }
            },
            on_acknowledged: { context, transaction, method, request in
                let handed = Handed((method, request))
                SIPAgent.enter(context) {
                    $0.acknowledged(transaction, method: handed.value.0, request: handed.value.1)
                }
            },
            on_prack: { context, transaction, prack, request in
                let handed = Handed((prack, request))
                SIPAgent.enter(context) { $0.pracked(transaction, by: handed.value.0, request: handed.value.1) }
            })
    }

    private static func enter<Value: Sendable>(
        _ context: UnsafeMutableRawPointer?, else missing: Value, _ body: (isolated SIPAgent) -> Value
    ) -> Value {
        guard let context else { return missing }
        let agent = Unmanaged<SIPAgent>.fromOpaque(context).takeUnretainedValue()
        return agent.assumeIsolated(body)
    }

    private static func enter(_ context: UnsafeMutableRawPointer?, _ body: (isolated SIPAgent) -> Void) {
        enter(context, else: (), body)
    }
}

/// Pointers of a callback on their way into the actor. Unchecked, because there is no way: callback and actor share the
/// thread, and the callback returns only after the actor has.
package struct Handed<Value>: @unchecked Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }
}
