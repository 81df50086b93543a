/// An SDP text as lines that can be changed: everything that is not touched stays byte for byte.
struct DescriptionLines {
    private(set) var lines: [String]
    private let ending: String
    private let endsWithLineEnd: Bool

    init(_ description: SessionDescription) {
        var pieces = Array(description.text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        endsWithLineEnd = pieces.last?.isEmpty ?? false
        if endsWithLineEnd { pieces.removeLast() }
        // Mixed line ends become those of the first line.
        let hasReturn = pieces.first?.last == UInt8(ascii: "\r")
        ending = hasReturn ? "\r\n" : "\n"
        lines = pieces.map { piece in
            String(decoding: piece.last == UInt8(ascii: "\r") ? piece.dropLast() : piece, as: UTF8.self)
        }
    }

    var description: SessionDescription {
        var text = lines.joined(separator: ending)
        if endsWithLineEnd { text += ending }
        return SessionDescription(unchecked: text)
    }

    /// The lines of each stream, from its `m=` on.
    var sections: [Range<Int>] {
        let starts = lines.indices.filter { lines[$0].hasPrefix("m=") }
        return starts.indices.map { starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : lines.endIndex) }
    }

    /// What stands before the first stream.
    var head: Range<Int> { 0..<(lines.firstIndex { $0.hasPrefix("m=") } ?? lines.endIndex) }

    static func direction(_ line: String) -> MediaDirection? {
        guard line.hasPrefix("a=") else { return nil }
        return MediaDirection(rawValue: String(line.dropFirst(2)))
    }

    func direction(in range: Range<Int>) -> MediaDirection? {
        lines[range].lazy.compactMap(DescriptionLines.direction).first
    }

    func stream(_ section: Range<Int>) -> MediaStream {
        var direction = direction(in: section) ?? direction(in: head) ?? .sendrecv
        let address =
            lines[section].first { $0.hasPrefix("c=") } ?? lines[head].first { $0.hasPrefix("c=") }
        if address.map(DescriptionLines.isNullAddress) ?? false {
            direction = MediaDirection(sends: direction.sends, receives: false)
        }
        let fields = lines[section.lowerBound].split(separator: " ")
        return MediaStream(direction: direction, isActive: fields.count > 1 && fields[1] != "0")
    }

    static func isNullAddress(_ line: String) -> Bool { line.hasPrefix("c=IN IP4 0.0.0.0") }

    mutating func set(_ direction: MediaDirection, in section: Range<Int>) {
        if let index = section.first(where: { DescriptionLines.direction(lines[$0]) != nil }) {
            lines[index] = "a=\(direction.rawValue)"
        } else if self.direction(in: head) ?? .sendrecv != direction {
            lines.insert("a=\(direction.rawValue)", at: section.upperBound)
        }
    }

    /// `a=setup` of a stream, or of the whole session (RFC 8842 §5.1).
    func setup(of section: Range<Int>) -> String? {
        func find(_ range: Range<Int>) -> String? {
            lines[range].first { $0.hasPrefix("a=setup:") }.map { String($0.dropFirst(8)) }
        }
        return find(section) ?? find(head)
    }

    mutating func replaceActpass(in range: Range<Int>, with role: String) {
        for index in range where lines[index] == "a=setup:actpass" { lines[index] = "a=setup:\(role)" }
    }

    /// Session id and version of `o=`; nil where they are no numbers.
    var origin: (id: Substring, version: UInt64)? {
        guard let line = lines.first(where: { $0.hasPrefix("o=") }) else { return nil }
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count >= 3, let version = UInt64(fields[2]) else { return nil }
        return (fields[1], version)
    }

    mutating func setVersion(_ version: UInt64) {
        guard let index = lines.firstIndex(where: { $0.hasPrefix("o=") }) else { return }
        var fields = lines[index].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 3 else { return }
        fields[2] = String(version)
        lines[index] = fields.joined(separator: " ")
    }
}
