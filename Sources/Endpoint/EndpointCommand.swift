#if canImport(Glibc)
import Glibc
#endif
import SIPBridge

/// `gateway endpoint`: runs a ``SIPEndpoint`` and prints what it hears and says.
public enum EndpointCommand {
    /// What `gateway endpoint --help` prints.
    public static var help: String {
        """
        Usage: gateway endpoint [--listen L]... [--quiet]

        A SIP endpoint that stands in for the telephone network. It answers calls by the last three digits of
        the number dialled and prints a line for every SIP message: time, direction (← received, → sent), the
        message, the call's id and tag, the size of its SDP. It sends and receives no media.

          --listen L   udp:IP:PORT or tcp:IP:PORT; may be given again. Default: udp:127.0.0.1:5070
          --quiet      No line for a message.

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
