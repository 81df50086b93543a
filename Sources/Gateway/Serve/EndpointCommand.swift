import Configuration
import Dispatch
import Endpoint
import SIPBridge

extension Program {
    /// `gateway endpoint`: blocks until SIGINT or SIGTERM.
    static func endpoint(listen: [SIPListener], isQuiet: Bool) -> Int32 {
        let end = DispatchSemaphore(value: 0)
        Signals.watch { signal in
            if signal == .interrupt || signal == .terminate { end.signal() }
        }
        return EndpointCommand.run(
            listen: listen.map { SIPAddress($0) }, isQuiet: isQuiet
        ) { end.wait() }
    }

    /// `gateway endpoint --call`: blocks until the call is over, which SIGINT or SIGTERM hastens.
    static func call(_ plan: CallPlan, listen: [SIPListener], isQuiet: Bool) -> Int32 {
        let free = SIPAddress(
            transport: plan.gateway.transport, host: plan.gateway.host.contains(":") ? "::1" : "127.0.0.1", port: 0)
        return EndpointCommand.call(
            plan, listen: listen.isEmpty ? [free] : listen.map { SIPAddress($0) }, isQuiet: isQuiet
        ) { hangUp in
            Signals.watch { signal in
                if signal == .interrupt || signal == .terminate { hangUp() }
            }
        }
    }
}
