import CallCore

/// What the API asks for: commands that other threads post to the SIP thread.
extension SIPAgent: CallControl {
    private nonisolated func post(_ command: @escaping @Sendable (isolated SIPAgent) -> Void) {
        thread.post { [weak self] in
            self?.assumeIsolated { command($0) }
        }
    }

    /// ``CallControl/create(_:reply:)``. Any thread.
    public nonisolated func create(
        _ request: CallRequest, reply: @escaping @Sendable (Result<Session, CAMARAError>) -> Void
    ) {
        // Counted here already: the client's next POST is looked at before the SIP thread has seen this one.
        liveSessions.begin(request.owner.client)
        post { agent in
            agent.place(request, reply: reply)
            agent.settleCount(of: request)
        }
    }

    /// ``CallControl/liveSessions(of:)``. Any thread.
    public nonisolated func liveSessions(of client: String) -> Int {
        liveSessions.count(client)
    }

    /// The call that was counted when it was asked for lives, or it has come to nothing.
    private func settleCount(of request: CallRequest) {
        if let call = call(request.id), !call.state.session.status.isFinal {
            call.countsAsLive = true
        } else {
            liveSessions.end(request.owner.client)
        }
    }

    /// ``CallControl/abandon(_:)``. Any thread.
    public nonisolated func abandon(_ id: SessionID) {
        post { agent in
            guard let call = agent.call(id) else { return }
            // An answer that was on its way when the client went reached nobody: the call goes all the same.
            call.reply = nil
            agent.handle(.end(.abandoned), in: call)
        }
    }

    /// The session as it is now, whoever's it is. Any thread; does not wait for the SIP thread.
    public nonisolated func session(_ id: SessionID) -> Session? {
        store.session(id)
    }

    /// ``CallControl/session(_:of:)``. Any thread; does not wait for the SIP thread.
    public nonisolated func session(_ id: SessionID, of owner: SessionOwner) -> Session? {
        store.session(id, of: owner)
    }

    /// ``CallControl/update(_:with:reply:)``. Any thread.
    public nonisolated func update(
        _ id: SessionID, with change: SessionChange,
        reply: @escaping @Sendable (Result<SessionChangeResult, CAMARAError>) -> Void
    ) {
        post { agent in
            switch agent.places[id] {
            case nil:
                let isKept = agent.store.session(id) != nil
                reply(
                    .failure(
                        isKept
                            ? CAMARAError(409, .incompatibleState, "The session has ended.") : .sessionNotFound))
            case .inbound(let call, let device): agent.change(change, of: device, in: call, reply: reply)
            case .outbound(let call):
                if let location = change.location { agent.move(call, to: location) }
                if case .negotiate(let change) = call.state.decide(change) {
                    agent.change(change, in: call, reply: reply)
                } else {
                    reply(agent.carryOut(change, in: call))
                }
            }
        }
    }

    private func carryOut(
        _ change: SessionChange, in call: ActiveCall
    ) -> Result<SessionChangeResult, CAMARAError> {
        switch call.state.decide(change) {
        case .echo: return .success(.session(call.state.session))
        case .noContent: return .success(.accepted)
        case .refuse(let error): return .failure(error)
        case .negotiate: return .failure(CAMARAError(409, .aborted, "Another change of the session is under way."))
        case .offer(let offer):
            chooseAgain(for: call)
            if let refusal = refusal(of: offer, towards: call.state.choices) { return .failure(refusal) }
            handle(.offer(offer), in: call)
            return .success(.accepted)
        case .end:
            let wasConnected = call.state.session.status.isAnswered
            handle(.end(.owner), in: call)
            return .success(wasConnected ? .accepted : .session(call.state.session))
        }
    }

    /// ``CallControl/end(_:)``. Any thread.
    public nonisolated func end(_ id: SessionID) {
        post { agent in
            switch agent.places[id] {
            case nil: return
            case .outbound(let call): agent.handle(.end(.owner), in: call)
            case .inbound(let call, let device): agent.handle(.hangUp(device: device), in: call)
            }
        }
    }
}
