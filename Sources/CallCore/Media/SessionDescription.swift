/// An SDP body that passes through unchanged: checked for form once, then carried byte for byte (media design,
/// "passthrough").
public struct SessionDescription: Hashable, Sendable {
    /// The text exactly as it came.
    public let text: String

    /// 64 KiB, the bound of CAMARA's `WrtcSdpDescriptor`.
    public static let maximumBytes = 65_536

    /// Streams in one description: far more than any client has, and few enough that no work grows with their square.
    public static let maximumStreams = 64

    /// Checks `text` (RFC 8866): it starts with `v=0`, has `o=` and at least one `m=`, its lines are `x=value` and end
    /// in CRLF or LF, it holds no NUL, at most 64 `m=` and at most 64 KiB.
    /// - Throws: ``Malformed`` naming the line.
    public init(_ text: String) throws(Malformed) {
        var text = text
        if let problem = text.withUTF8(SessionDescription.problem(in:)) { throw problem }
        self.text = text
    }

    /// A description made of one that was checked.
    init(unchecked text: String) { self.text = text }

    /// What is wrong with an SDP text, and on which line (from 1).
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// From 1.
        public let line: Int
        /// What is wrong, without the line.
        public let problem: String
        /// Whether it is good form, but more than is taken.
        public var exceedsLimit = false

        /// `line 3: not of the form x=value`
        public var description: String { "line \(line): \(problem)" }
    }

    private static func problem(in bytes: UnsafeBufferPointer<UInt8>) -> Malformed? {
        guard !bytes.isEmpty else { return Malformed(line: 1, problem: "the description is empty") }
        guard bytes.count <= maximumBytes else {
            return Malformed(
                line: 1, problem: "the description is longer than \(maximumBytes) bytes", exceedsLimit: true)
        }
        var line = 1
        var start = 0
        var hasOrigin = false
        var streams = 0
        while start < bytes.count {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), in: start..<bytes.count)
            var last = end ?? bytes.count
            if last > start, end != nil, bytes[last - 1] == UInt8(ascii: "\r") { last -= 1 }
            if bytes.firstIndex(of: 0, in: start..<last) != nil
                || bytes.firstIndex(of: UInt8(ascii: "\r"), in: start..<last) != nil
            {
                return Malformed(line: line, problem: "a NUL or a lone carriage return")
            }
            let content = bytes[start..<last]
            let kind = content.first ?? 0
            guard content.count >= 2, bytes[start + 1] == UInt8(ascii: "="),
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(kind)
            else { return Malformed(line: line, problem: "not of the form x=value") }
            if line == 1 {
                guard content.elementsEqual("v=0".utf8) else {
                    return Malformed(line: 1, problem: "the first line is not v=0")
                }
            }
            if kind == UInt8(ascii: "o") { hasOrigin = true }
            if kind == UInt8(ascii: "m") {
                streams += 1
                guard streams <= maximumStreams else {
                    return Malformed(
                        line: line, problem: "more than \(maximumStreams) m= lines", exceedsLimit: true)
                }
            }
            start = (end ?? bytes.count) + 1
            line += 1
        }
        if !hasOrigin { return Malformed(line: line, problem: "no o= line") }
        if streams == 0 { return Malformed(line: line, problem: "no m= line") }
        return nil
    }
}
