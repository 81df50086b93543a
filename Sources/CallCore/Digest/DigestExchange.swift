/// One request and its repetitions: what it was sent with, and how often a challenge to it was answered. It bounds how
/// often a server can have the same request sent again.
public struct DigestExchange: Sendable, Hashable {
    private struct Part: Hashable {
        var space: DigestChallenge.Space
        /// The nonce it was sent with last.
        var nonce: String?
        var answers = 0
        var staleAnswers = 0
    }

    private var parts: [Part] = []

    /// How many realms may ask for credentials on the way of one request.
    static let maximumSpaces = 4

    /// For a request that was not sent yet.
    public init() {}

    /// Counts a challenge; whether it may be answered. Once for every realm, and once more where the server says that only
    /// the nonce was too old. Never with a nonce that was used for the request already: then the password is wrong.
    mutating func counts(_ challenge: DigestChallenge) -> Bool {
        let index: Int
        if let known = parts.firstIndex(where: { $0.space == challenge.space }) {
            index = known
        } else {
            guard parts.count < DigestExchange.maximumSpaces else { return false }
            index = parts.count
            parts.append(Part(space: challenge.space))
        }
        guard parts[index].nonce != challenge.nonce else { return false }
        if challenge.isStale, parts[index].nonce != nil {
            guard parts[index].staleAnswers == 0 else { return false }
            parts[index].staleAnswers += 1
        } else {
            guard parts[index].answers == 0 else { return false }
            parts[index].answers += 1
        }
        return true
    }

    /// The request is sent with this nonce.
    mutating func note(_ challenge: DigestChallenge) {
        if let index = parts.firstIndex(where: { $0.space == challenge.space }) {
            parts[index].nonce = challenge.nonce
        } else if parts.count < DigestExchange.maximumSpaces {
            parts.append(Part(space: challenge.space, nonce: challenge.nonce))
        }
    }

    /// Whether the request was sent last with this nonce.
    func used(_ challenge: DigestChallenge) -> Bool {
        parts.contains { $0.space == challenge.space && $0.nonce == challenge.nonce }
    }
}
