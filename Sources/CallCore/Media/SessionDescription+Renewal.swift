/// What a description becomes when its session is changed in mid-call (RFC 3264 §8): only direction attributes, the
/// version in `o=` and, in an answer, the DTLS role are ever rewritten.
extension SessionDescription {
    /// Its streams in their order.
    public var streams: [MediaStream] {
        let lines = DescriptionLines(self)
        return lines.sections.map(lines.stream)
    }

    /// The same with each active stream's direction no wider than `limit` says; `limit` gets the stream's index and its
    /// present direction.
    func limited(_ limit: (Int, MediaDirection) -> MediaDirection) -> SessionDescription {
        var lines = DescriptionLines(self)
        var isChanged = false
        // From the last one: a line that is added moves only what follows.
        for (index, section) in lines.sections.enumerated().reversed() {
            let stream = lines.stream(section)
            let direction = limit(index, stream.direction)
            guard stream.isActive, direction != stream.direction else { continue }
            lines.set(direction, in: section)
            isChanged = true
        }
        return isChanged ? lines.description : self
    }

    /// The same with a version above that of `previous`, the last one sent in this session, if it differs from it and
    /// would not be above it anyway (RFC 3264 §8).
    func numbered(after previous: SessionDescription) -> SessionDescription {
        guard self != previous else { return self }
        var lines = DescriptionLines(self)
        guard let mine = lines.origin, let last = DescriptionLines(previous).origin, mine.id == last.id else {
            return self
        }
        // What differs in its version alone says the same and keeps the number it had.
        lines.setVersion(last.version)
        if lines.description == previous { return previous }
        guard mine.version <= last.version, last.version < .max else { return self }
        lines.setVersion(last.version + 1)
        return lines.description
    }

    /// The same with every stream rejected that `other`, the other side's description, has at port 0: what was rejected is
    /// not offered again behind anybody's back, and an answer must reject what its offer does (RFC 3264 §6, §8.2).
    func rejecting(asIn other: SessionDescription) -> SessionDescription {
        let theirs = other.streams
        guard theirs.contains(where: { !$0.isActive }) else { return self }
        var lines = DescriptionLines(self)
        var isChanged = false
        for (section, their) in zip(lines.sections, theirs) where !their.isActive && lines.stream(section).isActive {
            lines.reject(section)
            isChanged = true
        }
        return isChanged ? lines.description : self
    }

    /// Whether `other`, a later description of the same author, changes nothing but directions, versions, and an offer's
    /// `a=setup:actpass` (RFC 8842 §5.5: the roles stay). An address of 0.0.0.0 that holds a stream in `other` is no change
    /// either (RFC 3264 §8.4). Keys and fingerprints are media: another one is a change.
    public func describesSameMedia(as other: SessionDescription) -> Bool {
        let (mine, theirs) = (DescriptionLines(self).lines, DescriptionLines(other))
        let holding = theirs.holdingLines
        let ignoresSetup = theirs.lines.contains("a=setup:actpass")
        func isKept(_ line: String) -> Bool {
            DescriptionLines.direction(line) == nil && !(ignoresSetup && line.hasPrefix("a=setup:"))
        }
        func essence(_ line: String) -> String {
            guard line.hasPrefix("o=") else { return line }
            var fields = line.split(separator: " ", omittingEmptySubsequences: false)
            if fields.count > 2 { fields[2] = "" }
            return fields.joined(separator: " ")
        }
        let before = mine.filter(isKept)
        let after = theirs.lines.enumerated().filter { isKept($0.element) }
        guard before.count == after.count else { return false }
        return zip(before, after).allSatisfy { old, new in
            essence(old) == essence(new.element) || holding.contains(new.offset) && old.hasPrefix("c=")
        }
    }

    /// Whether a stream is held by its address of 0.0.0.0.
    var hasNullAddress: Bool { !DescriptionLines(self).holdingLines.isEmpty }

    /// The same as an answer to a peer whose agreed description is `agreed`: `actpass` is for offers alone, so it becomes
    /// the role that the association has (RFC 8842 §5.3). Nil if that cannot be told.
    func answering(_ agreed: SessionDescription) -> SessionDescription? {
        guard DescriptionLines(self).lines.contains("a=setup:actpass") else { return self }
        var lines = DescriptionLines(self)
        let theirs = DescriptionLines(agreed)
        let sections = zip(lines.sections, theirs.sections)
        guard lines.sections.count == theirs.sections.count else { return nil }
        var roles: [String] = []
        for (mine, their) in sections {
            guard lines.setup(of: mine) == "actpass" else { continue }
            switch theirs.setup(of: their) {
            case "active"?: roles.append("passive")
            // An answer that names no role is passive (RFC 4145 §4).
            case "passive"?, nil: roles.append("active")
            default: return nil
            }
            if let role = roles.last { lines.replaceActpass(in: mine, with: role) }
        }
        if let role = roles.first {
            guard roles.allSatisfy({ $0 == role }) || !lines.lines[lines.head].contains("a=setup:actpass") else {
                return nil
            }
            lines.replaceActpass(in: lines.head, with: role)
        }
        return lines.description
    }
}
