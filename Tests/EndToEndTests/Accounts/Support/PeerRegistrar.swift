import TestPeer
import Testing

/// The peer as a registrar: REGISTERs belong to no call, and are known by whom they register.
struct PeerRegistrar {
    let peer: SIPPeer

    /// Takes the next REGISTER of `user`.
    func register(_ user: String, within patience: Duration = Patience.standard) async throws -> PeerRequest {
        let request = await peer.strays.next(within: patience) { request in
            request.message.method == "REGISTER" && request.message["To"]?.contains("<sip:\(user)@") == true
        }
        guard let request else { throw PatienceLost("REGISTER of \(user)", ladder: peer.wire.ladder) }
        return request
    }

    /// REGISTERs of `user` that nobody has taken.
    func unread(_ user: String) -> Int {
        peer.strays.values.count {
            $0.message.method == "REGISTER" && $0.message["To"]?.contains("<sip:\(user)@") == true
        }
    }
}

extension PeerRequest {
    /// Grants the binding, as one of several.
    func grant(_ seconds: Int, headers: [WireMessage.Header] = []) {
        let ours = message.contactURI ?? ""
        respond(
            200,
            headers: [
                .init("Contact", "<sip:desk@192.0.2.44:5060>;expires=9999"),
                .init("Contact", "<\(ours)>;expires=\(seconds)"), .init("Expires", "8888"),
            ] + headers)
    }

    /// The seconds it asks for; both places say the same.
    var asksFor: Int? {
        let contact = message["Contact"].flatMap { WireMessage.parameter("expires", of: $0) }.flatMap { Int($0) }
        return message["Expires"].flatMap { Int($0) } == contact ? contact : nil
    }
}
