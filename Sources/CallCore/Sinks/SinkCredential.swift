import Foundation

/// The access token that a subscription's events carry to its sink (CAMARA's `sinkCredential`, `ACCESSTOKEN`). It prints
/// without the token wherever it is described, dumped or interpolated.
public struct SinkCredential: Hashable, Sendable {
    /// The token, for the one header that carries it.
    public let accessToken: String
    /// From this moment on the token no longer counts.
    public let expiresAt: Date

    /// 8 KiB, the bound of CAMARA's `accessToken`.
    public static let maximumBytes = 8_192

    /// Takes a token of 1…8192 visible ASCII characters (RFC 6750 §2.1 allows fewer kinds): nothing that could end a header.
    /// - Throws: ``Malformed``.
    public init(accessToken: String, expiresAt: Date) throws(Malformed) {
        guard (1...SinkCredential.maximumBytes).contains(accessToken.utf8.count),
            accessToken.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Malformed() }
        self.accessToken = accessToken
        self.expiresAt = expiresAt
    }

    /// Whether the token no longer counts at `time`.
    public func isExpired(at time: Date) -> Bool { time >= expiresAt }

    /// The token cannot stand in a header.
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// What is allowed; never the token.
        public var description: String {
            "accessToken must have 1 to \(SinkCredential.maximumBytes) visible ASCII characters"
        }
    }
}

extension SinkCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the token.
    public var description: String { "[redacted]" }
    /// Never the token.
    public var debugDescription: String { description }
    /// Without children, so that `dump` and mirrors show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
