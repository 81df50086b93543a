/// An SDP text as lines that can be changed: everything that is not touched stays byte for byte.
struct DescriptionLines {
    private(set) var lines: [String]
    private let ending: String
    private let endsWithLineEnd: Bool
    /// What stands before the first stream and holds for every stream that says nothing else: looked for once, not once a
    /// stream.
    private let session: Defaults

    private struct Defaults {
        var direction: MediaDirection?
        /// The index of its `c=`.
        var address: Int?
        var hasICE = false
        var setup: String?
    }

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
        var session = Defaults()
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("m=") { break }
            if session.direction == nil { session.direction = DescriptionLines.direction(line) }
            if session.setup == nil { session.setup = DescriptionLines.setup(line) }
            if session.address == nil, line.hasPrefix("c=") { session.address = index }
            if DescriptionLines.isICE(line) { session.hasICE = true }
        }
        self.session = session
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
        var direction = direction(in: section) ?? session.direction ?? .sendrecv
        if holdingLine(of: section) != nil { direction = MediaDirection(sends: direction.sends, receives: false) }
        let fields = lines[section.lowerBound].split(separator: " ")
        // The port of a stream that only lives in a bundle is 0 too (RFC 8843 §6).
        let isActive = fields.count > 1 && fields[1] != "0" || lines[section].contains("a=bundle-only")
        return MediaStream(direction: direction, isActive: isActive)
    }

    /// The line that holds a stream the old way (RFC 3264 §8.4), by its index. With ICE the address says nothing about
    /// hold: 0.0.0.0 is the ordinary default of a description whose candidates are still to come (RFC 8839, RFC 8840).
    private func holdingLine(of section: Range<Int>) -> Int? {
        guard let line = section.first(where: { lines[$0].hasPrefix("c=") }) ?? session.address,
            DescriptionLines.isNullAddress(lines[line])
        else { return nil }
        return session.hasICE || lines[section].contains(where: DescriptionLines.isICE) ? nil : line
    }

    /// The lines that hold streams by 0.0.0.0.
    var holdingLines: Set<Int> { Set(sections.compactMap(holdingLine)) }

    static func isNullAddress(_ line: String) -> Bool {
        line == "c=IN IP4 0.0.0.0" || line.hasPrefix("c=IN IP4 0.0.0.0 ") || line.hasPrefix("c=IN IP4 0.0.0.0/")
    }

    private static func isICE(_ line: String) -> Bool {
        line.hasPrefix("a=ice-ufrag:") || line.hasPrefix("a=candidate:")
    }

    private static func setup(_ line: String) -> String? {
        line.hasPrefix("a=setup:") ? String(line.dropFirst(8)) : nil
    }

    /// Rejects a stream (RFC 3264 §6).
    mutating func reject(_ section: Range<Int>) {
        var fields = lines[section.lowerBound].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard fields.count > 1 else { return }
        fields[1] = "0"
        lines[section.lowerBound] = fields.joined(separator: " ")
    }

    mutating func set(_ direction: MediaDirection, in section: Range<Int>) {
        if let index = section.first(where: { DescriptionLines.direction(lines[$0]) != nil }) {
            lines[index] = "a=\(direction.rawValue)"
        } else if session.direction ?? .sendrecv != direction {
            lines.insert("a=\(direction.rawValue)", at: section.upperBound)
        }
    }

    /// `a=setup` of a stream, or of the whole session (RFC 8842 §5.1).
    func setup(of section: Range<Int>) -> String? {
        lines[section].lazy.compactMap(DescriptionLines.setup).first ?? session.setup
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
