/// The requests of a caller: INVITE, ACK and BYE of a call, whose twelve digits are the caller's number, its From tag, its
/// Call-ID and the end of every branch. So a response, and an invitation, say which call they belong to.
struct CallerTexts {
    /// Ends a branch, behind RFC 3261's cookie and a letter: what the request was.
    enum Transaction: UInt8 {
        case invite = 0x69  // i
        case ack = 0x61  // a
        case bye = 0x62  // b
    }

    /// What every branch begins with.
    static let cookie: StaticString = "branch=z9hG4bK"

    private let own: [UInt8]
    private let gateway: [UInt8]
    private let media: MediaTexts

    /// - Parameters:
    ///   - port: ours.
    ///   - gatewayPort: where INVITEs go.
    init(media: MediaTexts, port: UInt16, gatewayPort: UInt16) {
        self.media = media
        own = Array("127.0.0.1:\(port)".utf8)
        gateway = Array("127.0.0.1:\(gatewayPort)".utf8)
    }

    /// An INVITE to the twelve digits `callee` behind `+1`.
    func invite(_ call: CallReference, callee: UInt64, into writer: inout ByteWriter) {
        writer.append("INVITE ")
        append(uri: callee, into: &writer)
        writer.append(" SIP/2.0\r\n")
        appendHead(call, .invite, callee: callee, into: &writer)
        writer.append(
            "CSeq: 1 INVITE\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nContent-Type: application/sdp\r\nContent-Length: "
        )
        writer.append(decimal: media.offer.count)
        writer.append("\r\n\r\n")
        let start = writer.start + writer.count
        writer.append(media.offer)
        guard !writer.overflowed else { return }
        Decimal.write(call.number, digits: CallReference.digits, to: start + media.offerNumber)
    }

    /// An ACK or BYE in the dialog of `answer`, or the ACK of a refusal, which is sent like the INVITE.
    func inDialog(
        _ transaction: Transaction, _ call: CallReference, callee: UInt64, answer: SIPResponseReader,
        into writer: inout ByteWriter
    ) {
        let isOfRefusal = transaction == .ack && answer.status >= 300
        writer.append(transaction == .bye ? "BYE " : "ACK ")
        if isOfRefusal || answer.contact.isEmpty {
            append(uri: callee, into: &writer)
        } else {
            writer.append(UnsafeRawBufferPointer(answer.contact))
        }
        writer.append(" SIP/2.0\r\n")
        appendHead(call, isOfRefusal ? .invite : transaction, to: answer.to, into: &writer)
        writer.append(transaction == .bye ? "CSeq: 2 BYE\r\n" : "CSeq: 1 ACK\r\n")
        writer.append("Content-Length: 0\r\n\r\n")
    }

    private func append(uri callee: UInt64, into writer: inout ByteWriter) {
        writer.append("sip:+1")
        append(number: callee, into: &writer)
        writer.append("@")
        writer.append(gateway)
        writer.append(";user=phone")
    }

    private func appendHead(
        _ call: CallReference, _ transaction: Transaction, callee: UInt64 = 0,
        to: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0), into writer: inout ByteWriter
    ) {
        writer.append("Via: SIP/2.0/UDP ")
        writer.append(own)
        writer.append(";branch=z9hG4bK")
        writer.append([transaction.rawValue])
        append(number: call.number, into: &writer)
        writer.append("\r\nMax-Forwards: 70\r\nFrom: <sip:+1")
        append(number: call.number, into: &writer)
        writer.append("@ims.example;user=phone>;tag=c")
        append(number: call.number, into: &writer)
        if to.isEmpty {
            writer.append("\r\nTo: <")
            append(uri: callee, into: &writer)
            writer.append(">")
        } else {
            writer.append("\r\n")
            writer.append(UnsafeRawBufferPointer(to))
        }
        writer.append("\r\nCall-ID: ")
        append(number: call.number, into: &writer)
        writer.append("@bench\r\nContact: <sip:bench@")
        writer.append(own)
        writer.append(">\r\n")
    }

    private func append(number: UInt64, into writer: inout ByteWriter) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CallReference.digits) { digits in
            guard let start = digits.baseAddress else { return }
            Decimal.write(number, digits: CallReference.digits, to: start)
            writer.append(start, CallReference.digits)
        }
    }
}
