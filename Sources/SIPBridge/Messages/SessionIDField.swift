/// What a Session-ID header of the peer's tells of it (RFC 7989 §5). Nothing else of the header is looked at, so nothing else can
/// come back.
struct SessionIDField: Equatable {
    /// Its own.
    let uuid: SessionUUID
    /// It names the other end too, if only as not known: one that knows the sessions of one UUID alone does not (§11).
    let namesRemote: Bool

    /// Nil where there is no header, or one that does not begin with a UUID (§6).
    init?(_ value: UnsafePointer<CChar>?) {
        guard let value, let uuid = SessionUUID({ UInt8(bitPattern: value[$0]) }) else { return nil }
        var place = SessionUUID.digits
        SessionIDField.skipSpace(in: value, &place)
        guard value[place] == 0 || value[place] == SessionIDField.semicolon else { return nil }
        self.uuid = uuid
        namesRemote = SessionIDField.findsRemote(in: value, from: place)
    }

    private static let semicolon = CChar(bitPattern: UInt8(ascii: ";"))
    /// Where the looking ends: no parameter of any use comes later.
    private static let limit = 512

    private static func findsRemote(in value: UnsafePointer<CChar>, from start: Int) -> Bool {
        var place = start
        while place < limit, value[place] != 0 {
            guard value[place] == semicolon else {
                place += 1
                continue
            }
            place += 1
            skipSpace(in: value, &place)
            if beginsRemote(value + place) { return true }
        }
        return false
    }

    /// Whether a parameter of that name is here, whatever its case (RFC 3261 §7.3.1).
    private static func beginsRemote(_ value: UnsafePointer<CChar>) -> Bool {
        let name: StaticString = "remote"
        for place in 0..<name.utf8CodeUnitCount {
            // The bit by which the two cases of a letter differ.
            guard UInt8(bitPattern: value[place]) | 0x20 == name.utf8Start[place] else { return false }
        }
        var place = name.utf8CodeUnitCount
        skipSpace(in: value, &place)
        return UInt8(bitPattern: value[place]) == UInt8(ascii: "=")
    }

    private static func skipSpace(in value: UnsafePointer<CChar>, _ place: inout Int) {
        // A folded line has its line ends in the value.
        while value[place] == 32 || (9...13).contains(value[place]) { place += 1 }
    }
}
