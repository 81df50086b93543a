import TestPeer
import Testing

/// A peer as to the Session-ID of its messages (RFC 7989), and what ours are to say to it once it has said that.
struct NamingPeer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What it tells, of a session in which our UUID is this one; nil for nothing.
    let tells: @Sendable (_ ours: String) -> String?
    /// The value of our headers then.
    let leadsTo: @Sendable (_ ours: String) -> String

    static let uuid = "47755a9de7794ba387653f2099600ef2"
    static let other = "0123456789abcdef0123456789abcdef"
    /// For an end that is not known (RFC 7989 §5).
    static let none = String(repeating: "0", count: 32)

    func header(_ ours: String) -> [WireMessage.Header] { tells(ours).map { [.init("Session-ID", $0)] } ?? [] }

    static let all = [
        NamingPeer(
            testDescription: "tells its own", tells: { "\(uuid);remote=\($0)" }, leadsTo: { "\($0);remote=\(uuid)" }),
        NamingPeer(testDescription: "tells none", tells: { _ in nil }, leadsTo: { "\($0);remote=\(none)" }),
        NamingPeer(
            testDescription: "tells garbage", tells: { _ in "<\(uuid)\"@:, \(uuid) ;;remote" },
            leadsTo: { "\($0);remote=\(none)" }),
        NamingPeer(
            testDescription: "tells it in upper case", tells: { "\(uuid.uppercased());remote=\($0)" },
            leadsTo: { "\($0);remote=\(none)" }),
    ]
    /// RFC 7989 §11: it knows sessions of one UUID alone, and who is called repeats the caller's.
    static let olderCallee = NamingPeer(testDescription: "repeats ours alone", tells: { $0 }, leadsTo: { $0 })
    static let olderCaller = NamingPeer(
        testDescription: "gives the session one", tells: { _ in uuid }, leadsTo: { _ in uuid })
}

extension WireMessage {
    /// Session-ID.
    var session: String? { self["Session-ID"] }
    /// The sender's UUID in it.
    var ownUUID: String { String((session ?? "").prefix(32)) }
}
