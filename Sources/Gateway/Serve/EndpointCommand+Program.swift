import Configuration
import Dispatch
import Endpoint
import SIPBridge

extension Program {
    /// `gateway endpoint`: answers calls by the number dialled until SIGTERM or SIGINT.
    static func endpoint(listen: [SIPListener], isQuiet: Bool) -> Int32 {
        let addresses = listen.map { listener in
            SIPAddress(
                transport: listener.transport == .tcp ? .tcp : .udp, host: listener.address.description,
                port: listener.port)
        }
        return EndpointCommand.run(listen: addresses, isQuiet: isQuiet) {
            let ended = DispatchSemaphore(value: 0)
            Signals.watch { signal in
                if signal == .terminate || signal == .interrupt { ended.signal() }
            }
            ended.wait()
        }
    }
}
