/// A SIP method. Any token is one.
package struct SIPMethod: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// As it stands in the request.
    package let name: String

    /// Takes any token.
    package init(_ name: String) { self.name = name }

    package init(stringLiteral value: String) { name = value }

    package var description: String { name }

    package static let invite: SIPMethod = "INVITE"
    package static let ack: SIPMethod = "ACK"
    package static let cancel: SIPMethod = "CANCEL"
    package static let bye: SIPMethod = "BYE"
    package static let prack: SIPMethod = "PRACK"
    package static let update: SIPMethod = "UPDATE"
    package static let options: SIPMethod = "OPTIONS"
}
