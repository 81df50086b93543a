import CAres

/// Reads the records of one type out of a response (RFC 1035 §4.1). c-ares reads SRV and NAPTR too, but leaves their times to
/// live out.
enum DNSMessage {
    /// More than that are no answer but an attack.
    static let maximumRecords = 256

    /// The records of `type` in the answer section, whatever their owner: a CNAME may stand before them.
    /// - Throws: ``ResolverError/badAnswer``.
    static func records(_ bytes: [UInt8], type: RecordType) throws(ResolverError) -> [DNSRecord] {
        var reader = Reader(bytes: bytes)
        try reader.skip(4)
        let (questions, answers) = (try reader.number(), try reader.number())
        try reader.skip(4)
        for _ in 0..<questions {
            _ = try reader.name()
            try reader.skip(4)
        }
        var records: [DNSRecord] = []
        for _ in 0..<answers where records.count < maximumRecords {
            _ = try reader.name()
            let (found, kind) = (try reader.number(), try reader.number())
            let life = UInt32(try reader.number()) << 16 | UInt32(try reader.number())
            let length = Int(try reader.number())
            let end = reader.position + length
            guard end <= bytes.count else { throw .badAnswer }
            // Class IN.
            if found == type.rawValue, kind == 1 {
                let content = try reader.content(type, length: length)
                guard reader.position == end else { throw .badAnswer }
                // RFC 2181 §8: the most significant bit set means 0.
                records.append(DNSRecord(content: content, timeToLive: life > UInt32(Int32.max) ? 0 : life))
            }
            reader.position = end
        }
        return records
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func skip(_ count: Int) throws(ResolverError) {
            guard bytes.count - position >= count else { throw .badAnswer }
            position += count
        }

        mutating func number() throws(ResolverError) -> UInt16 {
            try skip(2)
            return UInt16(bytes[position - 2]) << 8 | UInt16(bytes[position - 1])
        }

        mutating func take(_ count: Int) throws(ResolverError) -> [UInt8] {
            try skip(count)
            return Array(bytes[(position - count)..<position])
        }

        /// RFC 1035 §3.3: a length and as many bytes.
        mutating func text() throws(ResolverError) -> String {
            let count = Int(try take(1)[0])
            return String(decoding: try take(count), as: UTF8.self)
        }

        /// A name, compressed or not.
        mutating func name() throws(ResolverError) -> String {
            var text: UnsafeMutablePointer<CChar>?
            var length = 0
            let status = bytes.withUnsafeBufferPointer { buffer -> Int32 in
                guard let start = buffer.baseAddress, position < buffer.count else { return ARES_EBADNAME }
                return ares_expand_name(start + position, start, Int32(buffer.count), &text, &length)
            }
            guard status == ARES_SUCCESS, let text else { throw .badAnswer }
            defer { ares_free_string(text) }
            try skip(length)
            return String(cString: text)
        }

        mutating func content(_ type: RecordType, length: Int) throws(ResolverError) -> DNSRecord.Content {
            switch type {
            case .a:
                guard length == 4 else { throw .badAnswer }
                return .a(try take(4))
            case .aaaa:
                guard length == 16 else { throw .badAnswer }
                return .aaaa(try take(16))
            case .srv:
                return .srv(
                    DNSRecord.SRV(
                        priority: try number(), weight: try number(), port: try number(), target: try name()))
            case .naptr:
                return .naptr(
                    DNSRecord.NAPTR(
                        order: try number(), preference: try number(), flags: try text(), service: try text(),
                        expression: try text(), replacement: try name()))
            }
        }
    }
}
