import CallCore

/// An offer (RFC 3264), read as far as its answer needs.
struct SDPOffer: Equatable {
    /// The value of `t=`, which the answer repeats (RFC 3264 §6).
    var timing: String
    var media: [OfferedMedia]

    /// More sections than any call has.
    static let maximumMedia = 16

    /// - Returns: nil if `bytes` are no session description, or have an `m=` line that cannot be read.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(text)
    }

    init?(_ text: String) {
        guard (try? SessionDescription(text)) != nil else { return nil }
        var timing = "0 0"
        var media: [OfferedMedia] = []
        // What holds for the session holds for every section that does not say otherwise.
        var direction = MediaDirection.sendrecv
        var hasICE = false
        var hasFingerprint = false
        for line in SDPOffer.lines(of: text) {
            guard let kind = line.first else { continue }
            let value = line.dropFirst(2)
            switch kind {
            case "t": if SDPOffer.isTiming(value) { timing = String(value) }
            case "m":
                guard media.count < SDPOffer.maximumMedia, let section = OfferedMedia(value) else { return nil }
                media.append(section)
            case "a" where media.isEmpty:
                if let value = MediaDirection(rawValue: String(value)) { direction = value }
                if value.hasPrefix("ice-ufrag:") { hasICE = true }
                if value.hasPrefix("fingerprint:") { hasFingerprint = true }
            case "a": media[media.count - 1].add(attribute: value)
            default: break
            }
        }
        for index in media.indices {
            media[index].direction = media[index].direction ?? direction
            media[index].hasICE = media[index].hasICE || hasICE
            media[index].hasFingerprint = media[index].hasFingerprint || hasFingerprint
        }
        self.timing = timing
        self.media = media
    }

    /// "\r\n" is one Character: lines are split in UTF-8.
    private static func lines(of text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
    }

    private static func isTiming(_ value: Substring) -> Bool {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { UInt64($0) != nil && $0.utf8.first != UInt8(ascii: "+") }
    }
}
