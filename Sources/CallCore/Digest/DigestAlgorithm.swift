import LibCrypto

/// A hash of digest authentication (RFC 7616 §3.2, RFC 8760 §2.1).
public enum DigestAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha512t256 = "SHA-512-256"
    case sha256 = "SHA-256"
    case md5 = "MD5"

    /// The larger the better; equals are the server's to choose between (RFC 8760 §2.3).
    var strength: Int { self == .md5 ? 0 : 1 }

    /// The hash in hexadecimal; nil where the library does not offer it, as MD5 where only approved hashes are allowed.
    func hash(_ text: String) -> String? {
        let kind =
            switch self {
            case .sha512t256: EVP_sha512_256()
            case .sha256: EVP_sha256()
            case .md5: EVP_md5()
            }
        var text = text
        return text.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { digest in
                var length: UInt32 = 0
                guard EVP_Digest(bytes.baseAddress, bytes.count, digest.baseAddress, &length, kind, nil) == 1 else {
                    // Whoever uses the library next on this thread would take its errors for their own.
                    ERR_clear_error()
                    return nil
                }
                return DigestAlgorithm.hexadecimal(digest.prefix(Int(length)))
            }
        }
    }

    private static func hexadecimal(_ bytes: Slice<UnsafeMutableBufferPointer<UInt8>>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            let digits: StaticString = "0123456789abcdef"
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digits.utf8Start[Int(byte >> 4)]
                text[2 * index + 1] = digits.utf8Start[Int(byte & 0xF)]
            }
            return bytes.count * 2
        }
    }
}
