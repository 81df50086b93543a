import CSofiaSIP
import CallCore

/// Bindings under another configuration. On the SIP thread only.
extension SIPAgent {
    /// Gives every binding the trunk that it belongs to now. What the network has bound to the gateway stays bound where the
    /// address of record stays: a REGISTER with Expires 0 could arrive after the next one, and would take that back. Only what
    /// belongs nowhere any more is taken back, by the trunk as it was.
    func moveBindings() {
        let current = Set(slots.current)
        // In the order they were made: of two for one address of record, the first one stays.
        for binding in bindings.all.values.sorted(by: { $0.number < $1.number }) {
            let home = home(of: binding, current)
            guard home != binding.trunk || !isAttached(binding) else { continue }
            if let home {
                move(binding, to: home)
            } else if isAttached(binding) {
                bindings.detach(binding)
                handle(.release, in: binding)
            }
        }
        registerTrunks()
    }

    /// Registers a number again whose trunk has changed.
    func renew(_ binding: ActiveBinding) {
        guard binding.isToRenew, let registration = options.trunks[binding.trunk].registration else { return }
        binding.isToRenew = false
        handle(.renew(registration.policy), in: binding)
    }

    /// Whether its number, or its trunk, is registered by it.
    private func isAttached(_ binding: ActiveBinding) -> Bool {
        (binding.phone.map { bindings.ofNumbers[$0] } ?? bindings.ofTrunks[binding.trunk]) === binding
    }

    /// The trunk that has the binding's address of record now, if there is one and nothing else is registered for it.
    private func home(of binding: ActiveBinding, _ current: Set<Int>) -> Int? {
        let domain = options.trunks[binding.trunk].domain
        if let phone = binding.phone {
            guard let index = home(of: phone)?.index, options.trunks[index].domain == domain,
                bindings.ofNumbers[phone].map({ $0 === binding }) ?? true
            else { return nil }
            return index
        }
        func fits(_ index: Int) -> Bool {
            let trunk = options.trunks[index]
            return trunk.registration?.mode == .trunk && trunk.registration?.user == binding.user
                && trunk.domain == domain && bindings.ofTrunks[index].map { $0 === binding } ?? true
        }
        // One that has not changed keeps its own, also beside another with the same address of record.
        if current.contains(binding.trunk), fits(binding.trunk) { return binding.trunk }
        return slots.current.first(where: fits)
    }

    private func move(_ binding: ActiveBinding, to index: Int) {
        let (old, new) = (options.trunks[binding.trunk], options.trunks[index])
        guard let registration = new.registration else { return }
        let (account, credentials) = new.account(of: binding.phone, at: index)
        let isSameWay =
            old.peers == new.peers && old.outboundProxy == new.outboundProxy
            && old.account(of: binding.phone, at: index).credentials == credentials
            && old.registration?.policy == registration.policy
        bindings.detach(binding)
        let nonces = isSameWay ? bindings.nonces[binding.account] : nil
        let isInterrupted = binding.state.isUnderWay
        binding.move(to: index, account)
        bindings.insert(binding, credentials)
        if let nonces, bindings.nonces[account] == nil { bindings.nonces[account] = nonces }

        if !binding.state.isWanted, binding.phone == nil {
            // It was being taken back.
            handle(.renew(registration.policy), in: binding)
            handle(.want(until: .max, kept: nil), in: binding)
        } else if isInterrupted || binding.phone == nil && !isSameWay {
            handle(.renew(registration.policy), in: binding)
        } else if !isSameWay {
            // There may be thousands of them: each in its turn.
            binding.isToRenew = true
        }
    }
}

extension Trunk {
    /// Whose credentials REGISTERs for a number, or for the trunk itself, have while it has that index.
    func account(of number: PhoneNumber?, at index: Int) -> (account: Account, credentials: DigestCredentials?) {
        if let number, let own = registration?.accounts[number] { return (Account(trunk: index, number: number), own) }
        return (Account(trunk: index), credentials)
    }
}
