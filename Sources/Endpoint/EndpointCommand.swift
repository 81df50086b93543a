#if canImport(Glibc)
import Glibc
#endif
import CSofiaSIP
import Dispatch
import SIPBridge
import Synchronization

/// `gateway endpoint`: runs a ``SIPEndpoint`` and prints what it hears and says.
public enum EndpointCommand {
    /// What `gateway endpoint --help` prints.
    public static var help: String {
        """
        Usage: gateway endpoint [--listen L]... [--quiet]
               gateway endpoint --call NUMBER [--to G] [--from NUMBER] [--talk SECONDS] [--listen L]... [--quiet]

        A SIP endpoint that stands in for the telephone network. It answers calls by the last three digits of
        the number dialled and prints a line for every SIP message: time, direction (← received, → sent), the
        message, the call's id and tag, the size of its SDP. It sends and receives no media.

          --listen L   udp:IP:PORT or tcp:IP:PORT; may be given again. Default: udp:127.0.0.1:5070, with --call
                       any free UDP port of 127.0.0.1
          --quiet      No line for a message.
          --call N     Call this number at a gateway: wait for the answer, hang up after a while, end. Ctrl-C gives
                       up, or hangs up, at once. Exit status 0 after a call that was answered, else 1
          --to G       The gateway, udp:IP:PORT or tcp:IP:PORT. Default: udp:127.0.0.1:5060
          --from N     Who calls. Default: \(defaultCaller)
          --talk S     How long they talk, 0 to 3600 seconds. Default: 5

        The number ends in:

        \(EndpointNumber.text)
        """
    }

    /// Runs the endpoint until `wait` returns; blocks meanwhile.
    /// - Returns: The exit status: 0, or 1 if a listener could not be bound; then standard error says which and why.
    public static func run(listen: [SIPAddress], isQuiet: Bool, until wait: () -> Void) -> Int32 {
        let endpoint = SIPEndpoint(EndpointOptions(listen: listen, onLine: isQuiet ? nil : print(line:)))
        do {
            let bound = try endpoint.start()
            let places = bound.map { "\($0.transport.rawValue):\($0.bracketedHost):\($0.port)" }
            print(line: "The endpoint listens on \(places.joined(separator: " and ")). The number dialled ends in:")
            print(line: EndpointNumber.text)
        } catch {
            write("gateway endpoint: \(error)\n", to: STDERR_FILENO)
            return 1
        }
        wait()
        endpoint.stop()
        return 0
    }

    /// Who calls if nobody is named.
    public static let defaultCaller = "+19195550100"

    /// Places a call and blocks until it is over; prints the ladder as ``run(listen:isQuiet:until:)`` does.
    /// - Parameter onReady: told how to hang up; that may be called on any thread, and more than once.
    /// - Returns: The exit status: 0 if the call was answered, else 1; then standard error says why not.
    public static func call(
        _ plan: CallPlan, listen: [SIPAddress], isQuiet: Bool, onReady: (@escaping @Sendable () -> Void) -> Void
    ) -> Int32 {
        let endpoint = SIPEndpoint(EndpointOptions(listen: listen, onLine: isQuiet ? nil : print(line:)))
        do {
            _ = try endpoint.start()
        } catch {
            write("gateway endpoint: \(error)\n", to: STDERR_FILENO)
            return 1
        }
        let end = CallEnd()
        endpoint.place(plan) { end.set($0) }
        onReady { endpoint.hangUp() }
        let outcome = end.wait()
        endpoint.stop()
        guard let problem = outcome.problem else { return 0 }
        write("gateway endpoint: \(problem)\n", to: STDERR_FILENO)
        return 1
    }

    @Sendable private static func print(line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// A whole line at once; a reader that has gone is no error of ours.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}

/// Hands a call's outcome from the SIP thread to the one that waits for it.
private final class CallEnd: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let outcome = Mutex<CallOutcome?>(nil)

    func set(_ outcome: CallOutcome) {
        self.outcome.withLock { $0 = outcome }
        done.signal()
    }

    func wait() -> CallOutcome {
        done.wait()
        return outcome.withLock { $0 } ?? .notSent
    }
}

extension CallOutcome {
    /// Why there was no conversation; nil if there was one.
    fileprivate var problem: String? {
        switch self {
        case .ended: nil
        case .refused(let status):
            "the call was not answered: \(status) \(String(cString: csip_status_phrase(Int32(status))))"
        case .cancelled: "the call was given up"
        case .notSent: "the INVITE could not be sent; is --to an address this machine can reach?"
        }
    }
}
