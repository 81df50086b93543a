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
            listen: listen.map {
                SIPAddress(transport: $0.transport == .tcp ? .tcp : .udp, host: $0.address.description, port: $0.port)
            },
            isQuiet: isQuiet
        ) { end.wait() }
    }
}
