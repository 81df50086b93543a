import Cjose

/// What stands for a token in memory: its SHA-256.
///
/// Whoever finds the memory finds no token in it. And comparing digests tells an outsider nothing by its time: which bytes
/// agree is not his to choose.
struct TokenDigest: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(_ token: Substring) {
        var token = token
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        token.withUTF8 { bytes in
            withUnsafeMutableBytes(of: &words) { digest in
                _ = SHA256(bytes.baseAddress, bytes.count, digest.bindMemory(to: UInt8.self).baseAddress)
            }
        }
        self.words = words
    }

    static func == (one: TokenDigest, other: TokenDigest) -> Bool {
        // All of it, whatever the first words say.
        (one.words.0 ^ other.words.0) | (one.words.1 ^ other.words.1) | (one.words.2 ^ other.words.2)
            | (one.words.3 ^ other.words.3) == 0
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}
