import CallCore
import Foundation

/// Answers offers the way a phone would (RFC 3264): per section the first format and DTMF, keys of its own.
///
/// No media is ever sent or received: ports are 9, the discard port (10 after a move), and the DTLS fingerprint is of no certificate.
struct SDPAnswerer {
    /// Numeric, for `o=` and `c=`.
    var address: String
    /// `o=`'s session id, random per call; the version grows with every description.
    let sessionID: UInt64
    private(set) var version: UInt64 = 0
    /// Whether we hold the other side: we receive nothing (RFC 3264 §8.4).
    private var isHolding = false
    private var port = 9
    /// The last description: its `t=` and its media.
    private var timing = "0 0"
    private var sections = ""

    init(address: String, using random: inout some RandomNumberGenerator) {
        self.address = address
        // Fits a signed 64-bit integer, which is what peers parse it into.
        sessionID = random.next() >> 2
    }

    /// The answer to `offer`; nil if none of its sections can be accepted (488).
    mutating func answer(to offer: SDPOffer, using random: inout some RandomNumberGenerator) -> String? {
        var hasAccepted = false
        var sections = ""
        for media in offer.media {
            if media.port != 0, let section = section(for: media, using: &random) {
                sections += section
                hasAccepted = true
            } else {
                // Refused or not used: port zero, the formats as offered (RFC 3264 §6).
                sections += "m=\(media.kind) 0 \(media.transport) \(media.formats.joined(separator: " "))\r\n"
                if let mid = media.mid { sections += "a=mid:\(mid)\r\n" }
            }
        }
        guard hasAccepted else { return nil }
        (self.timing, self.sections) = (offer.timing, sections)
        return head() + sections
    }

    /// An offer of our own, for an INVITE that brings none: G.711 and DTMF over RTP.
    mutating func offer() -> String {
        timing = "0 0"
        sections =
            "m=audio \(port) RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
            + "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=\(wanted.rawValue)\r\n"
        return head() + sections
    }

    /// An offer that changes the last description; nil before there is one.
    mutating func offer(_ change: MediaChange.Media) -> String? {
        guard !sections.isEmpty else { return nil }
        switch change {
        case .held: isHolding = true
        case .resumed: isHolding = false
        // 10 has no service either.
        case .moved: port = port == 9 ? 10 : 9
        }
        sections = sections.split(separator: "\r\n").map { line in
            if MediaDirection(rawValue: String(line.dropFirst(2))) != nil { return "a=\(wanted.rawValue)\r\n" }
            var parts = line.split(separator: " ")
            guard line.hasPrefix("m="), parts[1] != "0" else { return "\(line)\r\n" }
            parts[1] = "\(port)"
            return parts.joined(separator: " ") + "\r\n"
        }.joined()
        return head() + sections
    }

    /// What was true before an offer of ours that was refused. Its version has been used up.
    mutating func takeBack(_ before: SDPAnswerer) {
        let used = version
        self = before
        version = used
    }

    /// The direction of our own offers.
    private var wanted: MediaDirection { isHolding ? .sendonly : .sendrecv }

    private mutating func head() -> String {
        version += 1
        let network = (address.contains(":") ? "IP6 " : "IP4 ") + address
        return "v=0\r\no=endpoint \(sessionID) \(version) IN \(network)\r\ns=-\r\nc=IN \(network)\r\nt=\(timing)\r\n"
    }

    private func section(for media: OfferedMedia, using random: inout some RandomNumberGenerator) -> String? {
        guard media.kind == "audio" || media.kind == "video",
            let security = SDPAnswerer.security(for: media, using: &random)
        else { return nil }
        let formats = SDPAnswerer.chosenFormats(of: media)
        guard !formats.isEmpty else { return nil }
        var text = "m=\(media.kind) \(port) \(media.transport) \(formats.joined(separator: " "))\r\n"
        for format in formats {
            if let value = media.rtpmap[format] { text += "a=rtpmap:\(format) \(value)\r\n" }
            if let value = media.fmtp[format] { text += "a=fmtp:\(format) \(value)\r\n" }
        }
        let direction = (media.direction ?? .sendrecv).answered
        text += "a=\((isHolding ? direction.withoutReceiving : direction).rawValue)\r\n"
        if let mid = media.mid { text += "a=mid:\(mid)\r\n" }
        if media.hasRTCPMux { text += "a=rtcp-mux\r\n" }
        if media.hasICE {
            text += "a=ice-ufrag:\(RandomText.hex(digits: 8, using: &random))\r\n"
            text += "a=ice-pwd:\(RandomText.hex(digits: 32, using: &random))\r\n"
            text += "a=candidate:1 1 udp 2130706431 \(address) 9 typ host\r\n"
        }
        return text + security
    }

    /// The first format, and DTMF if it is offered beside it.
    private static func chosenFormats(of media: OfferedMedia) -> [String] {
        guard let first = media.formats.first(where: { UInt8($0).map { $0 < 128 } ?? false }) else { return [] }
        let events = media.formats.first { format in
            format != first && media.rtpmap[format]?.lowercased().hasPrefix("telephone-event/") == true
        }
        return [first] + [events].compactMap(\.self)
    }

    /// The lines that answer the section's keying; nil if there is no way to key it.
    private static func security(for media: OfferedMedia, using random: inout some RandomNumberGenerator) -> String? {
        switch media.transport.uppercased() {
        case "RTP/AVP", "RTP/AVPF": return ""
        case "RTP/SAVP", "RTP/SAVPF":
            if let crypto = media.cryptos.first(where: { suites.contains($0.suite) }) {
                // Key and salt of these suites are 30 bytes (RFC 4568 §6.2).
                let key = Data((0..<30).map { _ in UInt8.random(in: .min ... .max, using: &random) })
                return "a=crypto:\(crypto.tag) \(crypto.suite) inline:\(key.base64EncodedString())\r\n"
            }
            return media.hasFingerprint ? dtls(using: &random) : nil
        case "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF": return media.hasFingerprint ? dtls(using: &random) : nil
        default: return nil
        }
    }

    private static let suites: Set<String> = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"]

    private static func dtls(using random: inout some RandomNumberGenerator) -> String {
        let digest = (0..<32).map { _ in RandomText.hex(digits: 2, uppercase: true, using: &random) }
        return "a=fingerprint:sha-256 \(digest.joined(separator: ":"))\r\na=setup:active\r\n"
    }
}
