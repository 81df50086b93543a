/// Writes the responses of the user agent server.
enum SIPResponse {
    /// First character of our To tags; the twelve digits of the call follow.
    static let tagMark = UInt8(ascii: "b")

    /// Writes `status` with what `request` requires a response to repeat.
    ///
    /// - Parameters:
    ///   - status: the status line's code and phrase, `180 Ringing`.
    ///   - tag: the call to put in the To tag where the request has none.
    ///   - contact: the Contact's URI, for responses that make a dialog.
    ///   - body: an SDP body; may be empty.
    static func write(
        _ status: StaticString, to request: SIPRequestReader, tag: CallReference?, contact: [UInt8] = [],
        body: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0), into writer: inout ByteWriter
    ) {
        writer.append("SIP/2.0 ")
        writer.append(status)
        writer.append("\r\n")
        writer.append(UnsafeRawBufferPointer(request.echo))
        writer.append(UnsafeRawBufferPointer(request.to))
        if let tag, !request.hasToTag {
            writer.append(";tag=b")
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CallReference.digits) { digits in
                guard let start = digits.baseAddress else { return }
                Decimal.write(tag.number, digits: CallReference.digits, to: start)
                writer.append(start, CallReference.digits)
            }
        }
        writer.append("\r\n")
        if !contact.isEmpty {
            writer.append("Contact: <")
            writer.append(contact)
            writer.append(">\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n")
        }
        if body.isEmpty {
            writer.append("Content-Length: 0\r\n\r\n")
        } else {
            writer.append("Content-Type: application/sdp\r\nContent-Length: ")
            writer.append(decimal: body.count)
            writer.append("\r\n\r\n")
            writer.append(body)
        }
    }
}
