/// Reads a SIP request as far as a user agent server needs it, in one pass and without allocating.
///
/// It trusts its peer: this is the measuring instrument, on loopback, in front of the gateway under test. What it cannot
/// read it refuses.
struct SIPRequestReader {
    enum Method { case invite, ack, bye, cancel, options, other }

    private(set) var method = Method.other
    /// The call that the Request-URI's user part dials.
    private(set) var dialled: CallReference?
    /// The call in the To tag, if the tag is one of ours.
    private(set) var tagged: CallReference?
    private(set) var hasToTag = false
    /// Header lines that a response repeats as they are (RFC 3261 §8.2.6.2): Via, From, Call-ID, CSeq, Record-Route,
    /// in the order received, each with its line end.
    var echo: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: storage, count: echoLength) }
    /// The To line without its line end.
    private(set) var to = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    private(set) var body = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    private let storage: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var echoLength = 0

    /// `capacity`: the largest message.
    init(capacity: Int) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity)
    }

    func deallocate() { storage.deallocate() }

    /// Reads one datagram. The views are valid as long as its bytes and until the next read.
    /// - Returns: whether it is a request with all that a response needs.
    mutating func read(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        echoLength = 0
        dialled = nil
        tagged = nil
        hasToTag = false
        to = UnsafeBufferPointer(start: nil, count: 0)
        guard let firstEnd = Search.first("\r\n", in: bytes, length), readRequestLine(bytes, firstEnd) else {
            return false
        }
        var position = firstEnd + 2
        var contentLength: Int?
        var required = 0
        var echoed = ByteWriter(storage, capacity: capacity)
        while true {
            guard let lineLength = Search.first("\r\n", in: bytes + position, length - position) else { return false }
            if lineLength == 0 { break }
            let line = bytes + position
            switch header(line, lineLength) {
            case .via, .from, .callID, .cseq:
                required += 1
                fallthrough
            case .recordRoute:
                echoed.append(line, lineLength + 2)
            case .to:
                to = UnsafeBufferPointer(start: line, count: lineLength)
                readToTag(line, lineLength)
            case .contentLength:
                guard let colon = Search.first(":", in: line, lineLength) else { return false }
                var start = colon + 1
                while start < lineLength, line[start] == UInt8(ascii: " ") { start += 1 }
                contentLength = Int(Decimal.read(line + start, limit: lineLength - start).value)
            case .other: break
            }
            position += lineLength + 2
        }
        position += 2
        let rest = length - position
        let bodyLength = contentLength ?? rest
        guard bodyLength <= rest, required >= 4, to.count > 0, !echoed.overflowed else { return false }
        echoLength = echoed.count
        body = UnsafeBufferPointer(start: bytes + position, count: bodyLength)
        return true
    }

    private mutating func readRequestLine(_ line: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        guard let space = Search.first(" ", in: line, length) else { return false }
        if Search.matches("INVITE", line, space) {
            method = .invite
        } else if Search.matches("ACK", line, space) {
            method = .ack
        } else if Search.matches("BYE", line, space) {
            method = .bye
        } else if Search.matches("CANCEL", line, space) {
            method = .cancel
        } else if Search.matches("OPTIONS", line, space) {
            method = .options
        } else if Search.matches("SIP/2.0", line, space) {
            return false
        } else {
            method = .other
        }
        guard let plus = Search.first("+", in: line, length) else { return true }
        dialled = CallReference.dialled(line + plus + 1, limit: length - plus - 1)
        return true
    }

    private mutating func readToTag(_ line: UnsafePointer<UInt8>, _ length: Int) {
        guard let position = Search.first(";tag=", in: line, length) else { return }
        hasToTag = true
        let tag = line + position + 5
        let rest = length - position - 5
        guard rest > CallReference.digits, tag[0] == SIPResponse.tagMark else { return }
        let (number, digits) = Decimal.read(tag + 1, limit: rest - 1)
        if digits == CallReference.digits { tagged = CallReference(number: number) }
    }

    private enum Header { case via, from, to, callID, cseq, recordRoute, contentLength, other }

    private func header(_ line: UnsafePointer<UInt8>, _ length: Int) -> Header {
        var end = 0
        while end < length, line[end] != UInt8(ascii: ":"), line[end] != UInt8(ascii: " ") { end += 1 }
        switch end {
        case 1:
            switch line[0] | 0x20 {
            case UInt8(ascii: "v"): return .via
            case UInt8(ascii: "f"): return .from
            case UInt8(ascii: "t"): return .to
            case UInt8(ascii: "i"): return .callID
            case UInt8(ascii: "l"): return .contentLength
            default: return .other
            }
        case 2: return Search.matches("to", line, end) ? .to : .other
        case 3: return Search.matches("via", line, end) ? .via : .other
        case 4:
            if Search.matches("from", line, end) { return .from }
            return Search.matches("cseq", line, end) ? .cseq : .other
        case 7: return Search.matches("call-id", line, end) ? .callID : .other
        case 12: return Search.matches("record-route", line, end) ? .recordRoute : .other
        case 14: return Search.matches("content-length", line, end) ? .contentLength : .other
        default: return .other
        }
    }
}
