/// A change of the media that the endpoint asks for in mid-call (RFC 3261 §14.1, RFC 3311 §5.1).
public struct MediaChange: Equatable, Sendable {
    /// What changes.
    public enum Media: Equatable, Sendable, CaseIterable {
        /// The other side is held: every direction is `sendonly` (RFC 3264 §8.4).
        case held
        /// It is not held any more: `sendrecv`.
        case resumed
        /// The media are to go to another port: more than a change of directions.
        case moved
    }

    /// The request that carries the offer.
    public enum Request: Equatable, Sendable, CaseIterable {
        case reinvite, update
    }

    /// What changes.
    public var media: Media
    /// What carries the offer.
    public var request: Request

    /// A change by this request.
    public init(_ media: Media, by request: Request = .reinvite) {
        self.media = media
        self.request = request
    }
}
