/// Where the API listens: `host:port`, `[v6]:port` or `unix:/path`.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or numeric address, without brackets. Port 0 lets the system choose.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket. What is there and listens no more is replaced.
    case unix(path: String)

    /// - Throws: ``Malformed`` saying what is wrong.
    public init(_ text: String) throws(Malformed) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/"), path.utf8.count <= ListenAddress.maximumPath, !path.utf8.contains(0) else {
                throw Malformed(
                    text: text, remedy: "a Unix socket is unix:/path, at most \(ListenAddress.maximumPath) bytes")
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Malformed(
                text: text, remedy: "an address is host:port, [v6]:port or unix:/path; the port is 0 to 65535")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Malformed(text: text, remedy: "an IPv6 address stands in brackets: [v6]:port")
        }
        guard !host.isEmpty, !host.utf8.contains(0) else {
            throw Malformed(text: text, remedy: "the host is missing; 0.0.0.0 or [::] listens on every interface")
        }
        self = .tcp(host: String(host), port: port)
    }

    /// The form it is written in.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// `sun_path` with its terminating NUL (unix(7)).
    static let maximumPath = 107

    /// A text that is no address, and what one looks like.
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// What was given.
        public let text: String
        /// What an address looks like.
        public let remedy: String

        /// Both, as one sentence.
        public var description: String { "\"\(text)\": \(remedy)" }
    }
}
