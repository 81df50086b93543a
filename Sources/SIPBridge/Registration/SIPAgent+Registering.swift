import CSofiaSIP
import CallCore
import Foundation

/// REGISTER: what a ``RegistrarBinding`` decides, on the wire (mapping §4, RFC 3261 §10.2).
extension SIPAgent {
    /// Registers the trunks that want it and are not, when the SIP side is open.
    func registerTrunks() {
        for index in slots.current where bindings.ofTrunks[index] == nil {
            guard let registration = options.trunks[index].registration, registration.mode == .trunk else { continue }
            let binding = makeBinding(index, phone: nil, user: registration.user, registration.policy)
            handle(.want(until: .max, kept: nil), in: binding)
        }
    }

    func makeBinding(
        _ trunk: Int, phone: PhoneNumber?, user: String, _ policy: RegistrationPolicy
    ) -> ActiveBinding {
        lastNumber += 1
        let (account, credentials) = options.trunks[trunk].account(of: phone, at: trunk)
        let binding = ActiveBinding(
            number: lastNumber, trunk: trunk, phone: phone, account: account, user: user,
            callID: RandomText.hex(digits: 32, using: &random),
            state: RegistrarBinding(policy, isStanding: phone == nil))
        bindings.insert(binding, credentials)
        return binding
    }

    /// Feeds an event to a binding and carries out what follows from it.
    func handle(_ event: RegistrarBinding.Event, in binding: ActiveBinding) {
        let wasHeld = binding.isHeld
        let actions = binding.state.handle(event, at: options.clock(), draw: random.next())
        for action in actions { perform(action, in: binding) }
        if bindings.all[binding.number] != nil { bindings.reschedule(binding) }
        if binding.phone == nil { noteUsability() }
        switch event {
        // One that waits only now has its own time to do so.
        case .release, .due: if wasHeld { giveUpHeld(binding) }
        case .want, .resume, .answered, .reachable, .moved, .renew: break
        }
    }

    /// Nobody waits any more for a REGISTER that waits itself: nothing was sent, and nothing will be answered.
    private func giveUpHeld(_ binding: ActiveBinding) {
        guard binding.isHeld, bindings.all[binding.number] != nil else { return }
        (binding.isHeld, binding.isStranded) = (false, true)
        handle(.answered(RegisterAnswer(status: 503, isInternal: true)), in: binding)
    }

    private func perform(_ action: RegistrarBinding.Action, in binding: ActiveBinding) {
        switch action {
        case .send(let expires):
            if expires > 0 {
                binding.asked += binding.waiting
                binding.waiting = []
            }
            sendRegister(expires: expires, for: binding)
        case .answer(let outcome):
            let asked = binding.asked
            binding.asked = []
            for reply in asked {
                switch outcome {
                case .granted(let until): reply(.success(until))
                case .failed(let failure): reply(.failure(failure))
                }
            }
        case .alarm(let message):
            // All numbers of a trunk may have the same reason at once.
            let number = binding.phone.map { " (\($0.masked))" } ?? ""
            tell(.failure(trunk: options.trunks[binding.trunk].name, message: message), message + number)
        case .lost: if let phone = binding.phone { options.onAccountLost?(phone) }
        case .finish:
            bindings.remove(binding)
            release(binding)
        }
    }

    private func sendRegister(expires: UInt32, for binding: ActiveBinding) {
        binding.sendings += 1
        let peer = binding.peer ?? peers.trunks[binding.trunk].favourite(at: options.clock())
        guard let peer else {
            // Where nobody can be asked, nothing can be taken back.
            if expires == 0 { couldNotRegister(binding) } else { binding.isHeld = true }
            return
        }
        (binding.peer, binding.isStranded, binding.isToRenew) = (peer, false, false)
        peers.trunks[binding.trunk].tried(peer, at: options.clock())
        binding.sequence += 1
        let trunk = options.trunks[binding.trunk]
        let uri = "sip:\(trunk.domain)"
        let address = "<sip:\(binding.user)@\(trunk.domain)>"
        let credentials = bindings.nonces[binding.account]?.lines(
            method: "REGISTER", uri: uri, body: "", in: &binding.exchange)
        let id = TransactionID(call: binding.number, kind: .register, attempt: 0).rawValue
        let from = "\(address);tag=\(RandomText.hex(digits: 16, using: &random))"
        let hop = peers.trunks[binding.trunk].targets[peer].uri
        let route = SIPAgent.route(trunk.outboundProxy, nil)
        let texts: InlineArray = [uri, hop, from, address, binding.callID, binding.user]
        binding.client = withCStrings(texts, [route, credentials]) { strings, optional in
            var registration = csip_registration(
                request_uri: strings[0], next_hop: strings[1], from: strings[2], to: strings[3],
                call_id: strings[4], cseq: binding.sequence, route: optional[0], contact_user: strings[5],
                expires: expires, headers: optional[1])
            return handle.flatMap { csip_register($0, id, &registration) }
        }
        guard binding.client != nil else { return couldNotRegister(binding) }
        listenForSilence(binding)
    }

    /// The next address is to be asked if this one says nothing in time.
    private func listenForSilence(_ binding: ActiveBinding) {
        let time = options.trunks[binding.trunk].noResponse.nanoseconds
        binding.silentAt = hasNext(binding) ? options.clock() &+ time : .max
    }

    /// Whether there is another address to ask than those asked so far.
    private func hasNext(_ binding: ActiveBinding) -> Bool {
        let tried = binding.peer.map { binding.tried.union([$0]) } ?? binding.tried
        return peers.trunks[binding.trunk].next(after: tried, at: options.clock()) != nil
    }

    /// The address has not answered in time, and another one may.
    private func giveUpAddress(of binding: ActiveBinding) {
        // What nobody wants any more may be bound by now: the answer is waited for. Nor goes what takes back elsewhere, unless the
        // same binding is to be registered again: the stack goes on sending it here, and a new binding's Call-ID would not tell
        // the registrar that it is old (RFC 3261 §10.3).
        guard let client = binding.client, binding.state.isWanted, hasNext(binding), goesOn(binding, after: .silent)
        else {
            listenForSilence(binding)
            return bindings.reschedule(binding)
        }
        binding.silentAt = .max
        csip_client_destroy(client)
        (binding.client, binding.exchange) = (nil, DigestExchange())
        handle(.answered(RegisterAnswer(status: 408, isInternal: true, hasNext: true)), in: binding)
    }

    /// The stack could not build or route it: told like any transport failure, but not from within the action.
    private func couldNotRegister(_ binding: ActiveBinding) {
        let (number, sending) = (binding.number, binding.sendings)
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                guard let binding = agent.bindings.all[number], binding.sendings == sending else { return }
                var answer = RegisterAnswer(status: 503, isInternal: true)
                answer.hasNext = agent.goesOn(binding, after: .unreachable)
                agent.handle(.answered(answer), in: binding)
            }
        }
    }

    /// Notes what has become of a REGISTER at its address. Whether it is to be sent to another one (RFC 3263 §4.3); each has
    /// its turn once.
    private func goesOn(_ binding: ActiveBinding, after outcome: PeerStanding.Outcome) -> Bool {
        guard let peer = binding.peer.take() else { return false }
        learn(outcome, ofPeer: peer, in: binding.trunk)
        binding.tried.insert(peer)
        if outcome != .answered {
            binding.peer = peers.trunks[binding.trunk].next(after: binding.tried, at: options.clock())
        }
        if binding.peer == nil { binding.tried = [] }
        return binding.peer != nil
    }

    /// A trunk's names lead somewhere now: what has waited for it is sent, and what has waited in vain again.
    func sendHeld(of trunk: Int) {
        for binding in Array(bindings.all.values) where binding.trunk == trunk {
            if binding.isHeld {
                binding.isHeld = false
                handle(.answered(RegisterAnswer(status: 503, isInternal: true, hasNext: true)), in: binding)
            } else if binding.isStranded {
                handle(.reachable, in: binding)
            }
        }
    }

    /// A response to a REGISTER, or the stack's own.
    func registerAnswered(_ response: UnsafePointer<csip_response>, _ id: TransactionID, client: OpaquePointer) {
        let raw = response.pointee
        guard raw.status >= 200 else {
            // It is not silent.
            if let binding = bindings.all[id.call], binding.client == client { binding.silentAt = .max }
            return
        }
        defer { csip_client_destroy(client) }
        guard let binding = bindings.all[id.call], binding.client == client else { return }
        (binding.client, binding.silentAt) = (nil, .max)
        let isAnswerable = takesChallenge(
            of: raw, by: bindings.authentications[binding.account], at: binding.trunk, in: &binding.exchange,
            &bindings.nonces[binding.account, default: DigestSessions()])
        if !isAnswerable { binding.exchange = DigestExchange() }
        let peer = binding.peer
        let hasNext = PeerStanding.Outcome(raw).map { goesOn(binding, after: $0) } ?? false
        // It is the same server that is to have the answer to its challenge, or to be asked for the time that it wants.
        if isAnswerable || raw.status == 423 { binding.peer = peer }
        let said = csip_response_binding(client, response)
        defer { free(said.service_route) }
        if (200..<300).contains(raw.status) {
            binding.serviceRoute = said.service_route.map { String(cString: $0) }
            if said.is_service_route_too_long {
                perform(
                    .alarm("the registrar's Service-Route has 2048 bytes or more; calls go without it"), in: binding)
            }
            bindings.count(options.trunks[binding.trunk].name, isAccepted: true)
        } else if !isAnswerable {
            bindings.count(options.trunks[binding.trunk].name, isAccepted: false)
        }
        let answer = RegisterAnswer(
            status: Int(raw.status), isInternal: raw.is_internal, granted: said.has_expires ? said.expires : nil,
            minExpires: said.min_expires > 0 ? said.min_expires : nil,
            retryAfter: raw.retry_after > 0 ? raw.retry_after : nil, isAnswerable: isAnswerable,
            hasNext: hasNext)
        handle(.answered(answer), in: binding)
        // Where the next address fails at once, that is told later, and it is not the last one.
        if !binding.state.isUnderWay { (binding.peer, binding.tried) = (nil, []) }
    }

    /// Lets go of what it holds.
    func release(_ binding: ActiveBinding) {
        if let client = binding.client { csip_client_destroy(client) }
        (binding.client, binding.silentAt) = (nil, .max)
        for reply in binding.takeReplies() { reply(.failure(.unreachable)) }
    }

    /// Tells the bindings whose time has come.
    /// - Returns: when the next one's will; nil if none has one.
    func fireDueBindings(at now: UInt64) -> UInt64? {
        var budget = 100
        while budget > 0, let binding = bindings.deadlines.earliest, binding.deadline <= now {
            budget -= 1
            bindings.deadlines.remove(binding)
            if binding.silentAt <= now { giveUpAddress(of: binding) } else { handle(.due, in: binding) }
        }
        return bindings.deadlines.earliest?.deadline
    }

    // MARK: - What calls need of it

    /// Whether a trunk has the registration that it needs, if it needs one of its own.
    func isRegistered(_ trunk: Int) -> Bool {
        guard options.trunks[trunk].registration?.mode == .trunk else { return true }
        return bindings.ofTrunks[trunk]?.state.condition(at: options.clock()) == .registered
    }

    /// The preloaded Route of a request outside any dialog: the way to the trunk, then the one its registrar asks for
    /// (RFC 3608 §5).
    static func route(_ outboundProxy: [String], _ serviceRoute: String?) -> String? {
        if outboundProxy.isEmpty { return serviceRoute }
        let proxies = outboundProxy.map { "<\($0)>" }.joined(separator: ", ")
        return serviceRoute.map { "\(proxies), \($0)" } ?? proxies
    }

    /// What the registrar has asked for with the trunk's binding, or with that of the number that calls. A call may go by the
    /// trunk as it was before a reload: the binding is that of its heir by then, if that leads to the same registrar.
    func serviceRoute(of trunk: Int, for request: CallRequest) -> String? {
        guard let registration = options.trunks[trunk].registration else { return nil }
        switch registration.mode {
        case .trunk:
            let binding =
                bindings.ofTrunks[trunk]
                ?? slots.current.first { options.trunks[$0].isSameWay(as: options.trunks[trunk]) }
                .flatMap { bindings.ofTrunks[$0] }
            return binding?.serviceRoute
        case .account:
            guard let number = request.identity, let binding = bindings.ofNumbers[number],
                binding.trunk == trunk || options.trunks[binding.trunk].isSameWay(as: options.trunks[trunk])
            else { return nil }
            return binding.serviceRoute
        }
    }

    /// The number that the network calls. Where it calls the Contact of a whole trunk, the Request-URI does not say it.
    func calledNumber(_ request: csip_request, by trunk: Int) -> PhoneNumber? {
        let national = options.trunks[trunk].national
        if let registration = options.trunks[trunk].registration, registration.mode == .trunk,
            let user = request.uri_user, String(cString: user) == registration.user,
            let called = CallerIdentity.number(in: request.caller.called_user, national)
        {
            return called
        }
        return CallerIdentity.number(in: request.uri_user, national)
    }
}
