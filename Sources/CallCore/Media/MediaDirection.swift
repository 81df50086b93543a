/// Which way a stream flows, from the side of the description's author (RFC 8866 §6.7).
public enum MediaDirection: String, Sendable, Hashable, CaseIterable {
    case sendrecv
    case sendonly
    case recvonly
    case inactive

    /// The direction that sends, receives, both or neither.
    public init(sends: Bool, receives: Bool) {
        self = sends ? (receives ? .sendrecv : .sendonly) : (receives ? .recvonly : .inactive)
    }

    /// Whether the author sends.
    public var sends: Bool { self == .sendrecv || self == .sendonly }
    /// Whether the author receives.
    public var receives: Bool { self == .sendrecv || self == .recvonly }

    /// What an answer may say to an offer of this direction at most (RFC 3264 §6.1).
    public var mirrored: MediaDirection { MediaDirection(sends: receives, receives: sends) }

    /// No more than `other` allows.
    public func limited(to other: MediaDirection) -> MediaDirection {
        MediaDirection(sends: sends && other.sends, receives: receives && other.receives)
    }
}

/// One `m=` of a description, reduced to what hold and resume look at.
public struct MediaStream: Sendable, Hashable {
    /// As it stands there, at the stream or for the whole session; `sendrecv` where nothing does. A stream whose address is
    /// 0.0.0.0, without ICE, does not receive: the old way to hold (RFC 3264 §8.4).
    public var direction: MediaDirection
    /// Its port is not 0: it was not rejected or ended (RFC 3264 §6, §8.2).
    public var isActive: Bool
}
