import CallCore

/// An address of the token provider: https, or http to an address of this host.
///
/// Keys and verdicts that arrive unprotected are whatever somebody on the way makes of them, so plain http is for a
/// provider on loopback alone, and only by its literal address: what `localhost` means is decided elsewhere.
public struct ProviderURL: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// `https` or `http`.
    let scheme: String
    /// `https://host`, for logs: path and query may hold a secret.
    public let description: String

    /// Takes an absolute URL of RFC 3986's strict grammar, without user information and fragment.
    /// - Throws: ``Malformed`` saying what is wrong.
    public init(_ text: String) throws(Malformed) {
        let isPlain = text.lowercased().hasPrefix("http://")
        let url: SinkURL
        do throws(InvalidSink) {
            url = try SinkURL(isPlain ? "https" + text.dropFirst("http".count) : text)
        } catch {
            throw Malformed(error == .userInformation ? "must not have user information" : error.description)
        }
        if isPlain {
            guard let address = url.address, ProviderURL.loopback.contains(where: { $0.contains(address) }) else {
                throw Malformed("must begin with https://; http:// is for 127.0.0.0/8 and [::1] alone")
            }
        }
        self.text = text
        scheme = isPlain ? "http" : "https"
        description = "\(scheme)://\(url.host)"
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap(SinkNetwork.init)

    /// Why a text is no address of a provider. The description ends a sentence that begins with the key's name.
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// What it must be.
        public let description: String

        init(_ description: String) {
            self.description = description
        }
    }
}
