/// The token of an `Authorization: Bearer` header (RFC 6750 §2.1).
enum BearerToken {
    /// Longest `Authorization` value looked at: a token of 8 KiB and its scheme.
    static let maximumLength = 8 * 1024 + 16

    /// The token, if the header has one that is of the right form: characters of RFC 6750's `b64token`, nothing else.
    static func token(in authorization: String?) -> Substring? {
        guard let authorization, authorization.utf8.count <= maximumLength,
            let space = authorization.utf8.firstIndex(of: UInt8(ascii: " ")),
            authorization[..<space].lowercased() == "bearer"
        else { return nil }
        let token = authorization[space...].drop { $0 == " " }
        guard !token.isEmpty, token.utf8.allSatisfy(isTokenByte) else { return nil }
        return token
    }

    /// The token, if it has a signed JSON Web Token's form (RFC 7515 §7.1): three base64url parts.
    static func signedToken(in authorization: String?) -> Substring? {
        guard let token = token(in: authorization) else { return nil }
        var dots = 0
        for byte in token.utf8 {
            switch byte {
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: break
            }
        }
        return dots == 2 ? token : nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
