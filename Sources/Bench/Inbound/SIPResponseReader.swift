/// Reads a SIP response as far as the caller of ``CallerTexts`` needs it, in one pass and without allocating. It trusts its
/// peer as ``SIPRequestReader`` does.
struct SIPResponseReader {
    /// 100…699.
    private(set) var status = 0
    /// The call and the request that it answers, by its topmost Via.
    private(set) var call: CallReference?
    private(set) var transaction: CallerTexts.Transaction?
    /// The To line without its line end.
    private(set) var to = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// The Contact's URI.
    private(set) var contact = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    private(set) var body = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// Reads one datagram. The views are valid as long as its bytes.
    /// - Returns: whether it is a response to a request of ours.
    mutating func read(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        self = SIPResponseReader()
        guard length > 12, Search.matches("sip/2.0 ", bytes, 8) else { return false }
        status = Int(Decimal.read(bytes + 8, limit: 3).value)
        guard let end = Search.first("\r\n\r\n", in: bytes, length) else { return false }
        var position = (Search.first("\r\n", in: bytes, length) ?? end) + 2
        while position < end {
            let line = bytes + position
            let lineLength = Search.first("\r\n", in: line, end + 2 - position) ?? 0
            header(line, lineLength)
            position += lineLength + 2
        }
        body = UnsafeBufferPointer(start: bytes + end + 4, count: length - end - 4)
        return (100...699).contains(status) && call != nil && transaction != nil && !to.isEmpty
    }

    private mutating func header(_ line: UnsafePointer<UInt8>, _ length: Int) {
        guard let colon = Search.first(":", in: line, length) else { return }
        let isCompact = colon == 1
        if call == nil, Search.matches("via", line, colon) || (isCompact && line[0] | 0x20 == UInt8(ascii: "v")) {
            readBranch(line, length)
        } else if Search.matches("to", line, colon) || (isCompact && line[0] | 0x20 == UInt8(ascii: "t")) {
            to = UnsafeBufferPointer(start: line, count: length)
        } else if Search.matches("contact", line, colon) || (isCompact && line[0] | 0x20 == UInt8(ascii: "m")) {
            guard let open = Search.first("<", in: line, length), let close = Search.first(">", in: line, length),
                close > open
            else { return }
            contact = UnsafeBufferPointer(start: line + open + 1, count: close - open - 1)
        }
    }

    private mutating func readBranch(_ line: UnsafePointer<UInt8>, _ length: Int) {
        guard let found = Search.first(CallerTexts.cookie, in: line, length) else { return }
        let start = found + CallerTexts.cookie.utf8CodeUnitCount
        guard length > start + CallReference.digits else { return }
        let (number, digits) = Decimal.read(line + start + 1, limit: length - start - 1)
        guard digits == CallReference.digits else { return }
        transaction = CallerTexts.Transaction(rawValue: line[start])
        call = CallReference(number: number)
    }
}
