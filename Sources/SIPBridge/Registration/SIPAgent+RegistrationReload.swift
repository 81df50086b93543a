import CSofiaSIP
import CallCore

/// Bindings under another configuration. On the SIP thread only.
extension SIPAgent {
    /// Gives every binding the trunk that has its address of record now, and takes back, by the trunk as it was, what belongs
    /// nowhere any more. Nothing is taken back that stays registered: a REGISTER with Expires 0 could arrive after the next
    /// one, and undo it.
    func moveBindings() {
        // What ends takes back everything by itself.
        guard handle != nil, !isDraining, !isEnding else { return }
        let all = bindings.all.values.sorted { $0.number < $1.number }
        // First what goes: its place may be somebody else's.
        for binding in all where isAttached(binding) && homes(of: binding).isEmpty { takeBack(binding) }
        for binding in all {
            let home = homes(of: binding).first { isFree($0, for: binding) }
            if let home {
                if home != binding.trunk || !isAttached(binding) { move(binding, to: home) }
            } else if isAttached(binding) {
                // Another trunk is registered with the same address of record, and stays so.
                release(binding)
                bindings.remove(binding)
            }
        }
        registerTrunks()
    }

    /// Registers a number again whose trunk has changed.
    func renew(_ binding: ActiveBinding) {
        guard binding.isToRenew else { return }
        binding.isToRenew = false
        handle(.renew, in: binding)
    }

    /// Whether its number, or its trunk, is registered by it.
    private func isAttached(_ binding: ActiveBinding) -> Bool {
        (binding.phone.map { bindings.ofNumbers[$0] } ?? bindings.ofTrunks[binding.trunk]) === binding
    }

    /// The trunks that have its address of record now, its own first: at most one for a number.
    private func homes(of binding: ActiveBinding) -> [Int] {
        let domain = options.trunks[binding.trunk].domain.lowercased()
        if let phone = binding.phone {
            return [home(of: phone)?.index].compactMap(\.self)
                .filter { options.trunks[$0].domain.lowercased() == domain }
        }
        let homes = slots.current.filter { index in
            let trunk = options.trunks[index]
            return trunk.registration?.mode == .trunk && trunk.registration?.user == binding.user
                && trunk.domain.lowercased() == domain
        }
        return homes.filter { $0 == binding.trunk } + homes.filter { $0 != binding.trunk }
    }

    /// Whether nothing else is registered there.
    private func isFree(_ index: Int, for binding: ActiveBinding) -> Bool {
        let other = binding.phone.map { bindings.ofNumbers[$0] } ?? bindings.ofTrunks[index]
        return other == nil || other === binding
    }

    private func takeBack(_ binding: ActiveBinding) {
        bindings.detach(binding)
        // Nobody is told that what is being taken back is there.
        let replies = binding.takeReplies()
        handle(.release, in: binding)
        for reply in replies { reply(.failure(.unreachable)) }
    }

    private func move(_ binding: ActiveBinding, to index: Int) {
        let (old, new) = (options.trunks[binding.trunk], options.trunks[index])
        guard let registration = new.registration else { return }
        let (account, credentials) = new.account(of: binding.phone, at: index)
        let isSameWay =
            old.isSameWay(as: new) && old.account(of: binding.phone, at: index).credentials == credentials
            && old.registration?.policy == registration.policy
        bindings.detach(binding)
        let nonces = isSameWay ? bindings.nonces[binding.account] : nil
        let isInterrupted = binding.state.isUnderWay
        let isTakenBack = !binding.state.isWanted
        binding.move(to: index, account)
        bindings.insert(binding, credentials)
        if let nonces, bindings.nonces[account] == nil { bindings.nonces[account] = nonces }

        if !isSameWay { forgetFailures(of: new.name) }
        if isInterrupted || !isSameWay { handle(.moved(registration.policy), in: binding) }
        if binding.phone == nil {
            if isTakenBack {
                handle(.want(until: .max, kept: nil), in: binding)
            } else if !isSameWay {
                handle(.renew, in: binding)
            }
        } else if !isSameWay, !isInterrupted {
            // There may be thousands of them: each in its turn.
            binding.isToRenew = true
        }
    }
}

extension Trunk {
    /// Whether it is the same trunk, with the same way to the same registrar.
    func isSameWay(as other: Trunk) -> Bool {
        name == other.name && domain == other.domain && peers == other.peers && outboundProxy == other.outboundProxy
            && registration?.mode == other.registration?.mode && registration?.user == other.registration?.user
    }

    /// Whose credentials REGISTERs for a number, or for the trunk itself, have while it has that index.
    func account(of number: PhoneNumber?, at index: Int) -> (account: Account, credentials: DigestCredentials?) {
        if let number, let own = registration?.accounts[number] { return (Account(trunk: index, number: number), own) }
        return (Account(trunk: index), credentials)
    }
}
