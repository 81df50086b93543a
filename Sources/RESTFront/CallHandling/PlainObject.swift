import CallCore
import Foundation

/// A JSON object as nearly every client sends it: texts by name, and objects of texts. It is read in one pass over its
/// bytes, a tenth of the time of the general decoder. Whatever else JSON (RFC 8259) can say, and every mistake, makes it nil
/// and is left to that one, which so is the only judge of what is wrong with a body.
struct PlainObject {
    /// What has a name in it.
    enum Value {
        case text(String)
        case texts([(name: String, text: String)])
    }

    let members: [(name: String, value: Value)]

    init?(_ json: Data) {
        let members = json.withUnsafeBytes { bytes in
            var reader = PlainReader(bytes.bindMemory(to: UInt8.self))
            return reader.document()
        }
        guard let members else { return nil }
        self.members = members
    }
}

/// Reads front to back; nil is the end of it.
private struct PlainReader {
    /// More names in one object are none that the API knows. Each is compared with those before it.
    static let maximumMembers = 32

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func document() -> [(name: String, value: PlainObject.Value)]? {
        guard let members = object(of: { $0.value() }) else { return nil }
        skipSpace()
        return index == bytes.count ? members : nil
    }

    private mutating func value() -> PlainObject.Value? {
        if next(UInt8(ascii: "\"")) { return text().map { .text($0) } }
        return object { $0.next(UInt8(ascii: "\"")) ? $0.text() : nil }.map { .texts($0) }
    }

    private mutating func object<Value>(
        of value: (inout PlainReader) -> Value?
    ) -> [(String, Value)]? {
        guard next(UInt8(ascii: "{")) else { return nil }
        var members: [(String, Value)] = []
        if next(UInt8(ascii: "}")) { return members }
        members.reserveCapacity(8)
        repeat {
            guard members.count < PlainReader.maximumMembers, next(UInt8(ascii: "\"")), let name = text(),
                // Which of two counts is the decoder's to say.
                !members.contains(where: { $0.0 == name }),
                next(UInt8(ascii: ":")), let value = value(&self)
            else { return nil }
            members.append((name, value))
        } while next(UInt8(ascii: ","))
        return next(UInt8(ascii: "}")) ? members : nil
    }

    /// Behind a quote: the text up to the next one, which is passed.
    private mutating func text() -> String? {
        let start = index
        index = bytes.endOfPlainRun(from: start)
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: "\"") {
            defer { index += 1 }
            return String(validating: bytes[start..<index], as: UTF8.self)
        }
        index = start
        // No text is longer unescaped than it is written.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count - start) { room in
            guard let target = room.baseAddress, let count = unescape(into: target) else { return nil }
            return String(validating: UnsafeBufferPointer(start: target, count: count), as: UTF8.self)
        }
    }

    /// Up to a quote, which is passed.
    /// - Parameter room: takes all that is left.
    /// - Returns: how many bytes the text has; nil at what is the general decoder's.
    private mutating func unescape(into room: UnsafeMutablePointer<UInt8>) -> Int? {
        var count = 0
        while true {
            let run = index
            index = bytes.copyPlainRun(of: run..<bytes.count, into: room + count)
            count += index - run
            guard index < bytes.count else { return nil }
            let special = bytes[index]
            index += 1
            if special == UInt8(ascii: "\"") { return count }
            guard special == UInt8(ascii: "\\"), let byte = escape() else { return nil }
            room[count] = byte
            count += 1
        }
    }

    /// What the letter behind a backslash stands for (RFC 8259 §7).
    private mutating func escape() -> UInt8? {
        guard index < bytes.count else { return nil }
        defer { index += 1 }
        switch bytes[index] {
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return bytes[index]
        default: return nil
        }
    }

    /// Passes `byte` if it is what comes next, white space before it included.
    private mutating func next(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): index += 1
            default: return
            }
        }
    }
}
