/// What can be written as JSON.
public protocol JSONWritable {
    /// Appends itself as exactly one JSON value.
    func write(to json: inout JSONWriter)
}

extension JSONWritable {
    /// The value as JSON (RFC 8259), in UTF-8.
    public var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// Writes JSON (RFC 8259) front to back, members in the order they are given, so equal values are equal bytes.
///
/// A session is written three times in the life of a call, and once more for each event, mostly SDP; Foundation's encoder
/// builds a tree of every value first and took a tenth of the gateway's time.
public struct JSONWriter {
    /// What is written so far, in UTF-8.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer.
    public init() {
        // An object with an offer and an answer; a larger one grows the array once or twice.
        bytes.reserveCapacity(4096)
    }

    /// An object of the members that `members` writes.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        beginValue()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// A member of the object being written; none for nil.
    /// - Parameter name: goes out as it stands: nothing in it needs an escape.
    public mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
        guard let value else { return }
        beginMember(name)
        value.write(to: &self)
    }

    /// A member that is a string, as most are; none for nil.
    public mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        beginMember(name)
        string(text)
    }

    /// A member that is an object.
    public mutating func member(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        beginMember(name)
        object(members)
    }

    /// An array of values.
    public mutating func array(_ values: some Sequence<some JSONWritable>) {
        beginValue()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        for value in values { value.write(to: &self) }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A string.
    public mutating func string(_ text: String) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A number or a word, which has nothing to escape.
    fileprivate mutating func literal(_ text: String) {
        beginValue()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func beginValue() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func beginMember(_ name: StaticString) {
        beginValue()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// In pieces: each gets the room that it needs if all of it is escaped.
    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while start < text.count {
            let piece = start..<min(start + JSONWriter.piece, text.count)
            bytes.append(addingCapacity: piece.count * JSONEscape.longest) { span in
                span.withUnsafeMutableBufferPointer { room, count in
                    guard let target = room.baseAddress else { return }
                    count += JSONEscape.write(text, piece, into: target + count)
                }
            }
            start = piece.upperBound
        }
    }

    /// Small beside what a writer begins with: all of its room is asked for beforehand.
    private static let piece = 64
}

extension String: JSONWritable {
    /// Writes a string.
    public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int: JSONWritable {
    /// Writes a number.
    public func write(to json: inout JSONWriter) { json.literal(String(self)) }
}

extension Bool: JSONWritable {
    /// Writes `true` or `false`.
    public func write(to json: inout JSONWriter) { json.literal(self ? "true" : "false") }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Writes an array.
    public func write(to json: inout JSONWriter) { json.array(self) }
}
