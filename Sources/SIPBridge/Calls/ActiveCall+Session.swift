/// The name that a call has from end to end (RFC 7989).
extension ActiveCall {
    /// The Call-ID of an INVITE that repeats none. Our UUID begins each, so that a dialog that was kept still tells it.
    func callID(ofAttempt attempt: Int) -> String { attempt == 0 ? uuid.text : "\(uuid.text)-\(attempt)" }

    /// Our UUID in a call whose Call-ID was made so.
    static func uuid(inCallID callID: String) -> SessionUUID? { SessionUUID(callID.prefix(SessionUUID.digits)) }

    /// What an attempt's INVITE tells. Who has asked for it once more, be it with credentials, has told its UUID; another peer
    /// has not (RFC 7989 §6).
    func beginSession(_ attempt: Int, repeating isRepeat: Bool) -> SessionIdentifier {
        let earlier = isRepeat ? attempts[attempt - 1].peerUUID : .none
        let session = SessionIdentifier(own: uuid, peer: earlier).restarted
        attempts[attempt].toldUUID = session.peer
        attempts[attempt].peerUUID = session.peer
        return session
    }

    /// The peer's UUID in a dialog that a response opens.
    func peerUUID(dialogOf attempt: Int, openedBy field: SessionIDField?) -> SessionUUID {
        var session = SessionIdentifier(own: uuid, peer: attempts[attempt].toldUUID)
        session.take(field)
        return session.peer
    }

    /// Takes what a response to an INVITE tells of the session. Each dialog has a peer of its own.
    func take(_ field: SessionIDField?, of attempt: Int, tag: String?) {
        guard let field else { return }
        var session = SessionIdentifier(own: uuid, peer: attempts[attempt].peerUUID)
        session.take(field)
        attempts[attempt].peerUUID = session.peer
        if let dialog = tag.flatMap({ state.dialog(tagged: $0, of: attempt) }) { self[sessionOf: dialog].take(field) }
    }
}
