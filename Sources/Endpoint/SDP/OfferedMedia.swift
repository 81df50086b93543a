/// Which way media flows, as one side sees it (RFC 8866 §6.7).
package enum MediaDirection: String, Sendable {
    case sendrecv, sendonly, recvonly, inactive

    /// The answer that agrees to all that was offered (RFC 3264 §6.1).
    var answered: MediaDirection {
        switch self {
        case .sendrecv, .inactive: self
        case .sendonly: .recvonly
        case .recvonly: .sendonly
        }
    }

    /// The direction of a side that holds the other one (RFC 3264 §8.4).
    var withoutReceiving: MediaDirection {
        switch self {
        case .sendrecv, .sendonly: .sendonly
        case .recvonly, .inactive: .inactive
        }
    }
}

/// One `m=` section of an offer, reduced to what its answer needs. Every text in it is checked: it may be written out again.
struct OfferedMedia: Equatable {
    /// A key offered for SDES (RFC 4568 §9.1).
    struct Crypto: Equatable {
        var tag: Int
        var suite: String
    }

    var kind: String
    var port: Int
    var transport: String
    var formats: [String]
    var direction: MediaDirection?
    /// `a=rtpmap` and `a=fmtp` values by format.
    var rtpmap: [String: String] = [:]
    var fmtp: [String: String] = [:]
    var cryptos: [Crypto] = []
    var mid: String?
    var hasRTCPMux = false
    var hasICE = false
    var hasFingerprint = false

    /// The value of an `m=` line (RFC 8866 §5.14); nil if it is malformed.
    init?(_ value: Substring) {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        guard (4...64).contains(parts.count), parts.dropFirst(3).allSatisfy(SIPText.isToken),
            SIPText.isToken(parts[0]),
            parts[2].split(separator: "/", omittingEmptySubsequences: false).allSatisfy(SIPText.isToken),
            // `port/count` layers are for hierarchical encodings; nothing here offers them.
            let port = UInt16(parts[1])
        else { return nil }
        kind = String(parts[0])
        self.port = Int(port)
        transport = String(parts[2])
        formats = parts.dropFirst(3).map(String.init)
    }

    /// Takes note of an attribute of this section.
    mutating func add(attribute: Substring) {
        if let direction = MediaDirection(rawValue: String(attribute)) {
            self.direction = direction
            return
        }
        let (name, value) = attribute.cut(at: ":")
        switch name {
        case "rtpmap", "fmtp":
            let (format, text) = value.cut(at: " ")
            guard formats.contains(String(format)), OfferedMedia.isPlain(text) else { return }
            if name == "rtpmap" { rtpmap[String(format)] = String(text) } else { fmtp[String(format)] = String(text) }
        case "crypto":
            let parts = value.split(separator: " ")
            guard parts.count >= 3, let tag = Int(parts[0]), (1...999_999_999).contains(tag) else { return }
            cryptos.append(Crypto(tag: tag, suite: String(parts[1])))
        case "mid": if SIPText.isToken(value) { mid = String(value) }
        case "rtcp-mux": hasRTCPMux = true
        case "ice-ufrag": hasICE = true
        case "fingerprint": hasFingerprint = true
        default: break
        }
    }

    /// Printable ASCII of a length that no codec's parameters exceed.
    private static func isPlain(_ text: Substring) -> Bool {
        (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

extension Substring {
    /// What is before and after the first `separator`; all and nothing if there is none.
    func cut(at separator: Character) -> (Substring, Substring) {
        guard let index = firstIndex(of: separator) else { return (self, "") }
        return (self[..<index], self[self.index(after: index)...])
    }
}
