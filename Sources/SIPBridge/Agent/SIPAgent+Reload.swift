import CSofiaSIP
import CallCore

/// Another configuration while calls live: what is decided from now on is decided by it, and what has been decided stays.
extension SIPAgent {
    /// Takes trunks, routes, emergency numbers, what happens to strangers, limits, policy, retention, directory and certificates
    /// of `new`; the rest of it belongs to a start. Calls that live keep the trunk they have, and what trunks have counted stays
    /// counted. Trunks are registered as they are now; numbers in their turn, by ``resume(_:)``.
    /// - Throws: why the certificates cannot be used; nothing has been changed then.
    public nonisolated func apply(_ new: SIPOptions) async throws(TLSFiles.Unusable) {
        // The files are read here, not on the SIP thread.
        let tls = Handed(try new.tls?.load().take())
        await adopt(new, tls)
    }

    private func adopt(_ new: SIPOptions, _ tls: Handed<OpaquePointer?>) {
        if let loaded = tls.value {
            if let handle { use(loaded, in: handle) } else { csip_tls_free(loaded) }
        }
        let named = slots.hasRetired ? namedTrunks() : []
        let order = slots.current
        let before = Set(order)
        let given = slots.replace(with: new.trunks, isNamed: { named.contains($0) })
        options.trunks = slots.trunks
        hasCredentials = slots.trunks.contains(where: \.hasCredentials)
        for index in given { begin(index) }
        let current = Set(slots.current)
        for index in before.subtracting(current) { leavePeers(of: index) }
        for index in slots.current where !before.contains(index) && !given.contains(index) { watchPeers(of: index) }
        options.routes = new.routes.mapped(to: slots.current)
        options.emergencyNumbers = new.emergencyNumbers
        options.emergencyTrunks = new.emergencyTrunks.compactMap {
            slots.current.indices.contains($0) ? slots.current[$0] : nil
        }
        options.unknownSource = new.unknownSource
        options.maximumLiveCalls = new.maximumLiveCalls
        options.policy = new.policy
        options.directory = new.directory
        accounts.withLock { $0 = new.trunks.compactMap(\.registration) }
        bindings.keepCounts(of: Set(slots.trunks.map(\.name)))
        if !given.isEmpty || slots.current != order { moveBindings() }
        noteSources()
        noteUsability()
        if policy.value != new.policy { policy = Shared(new.policy) }
        store.set(new.retention)
    }

    /// Another trunk has this index from now on.
    private func begin(_ index: Int) {
        let trunk = slots.trunks[index]
        callCounts.begin(trunk.name, at: index)
        bindings.begin(index)
        authentications = authentications.filter { $0.key.trunk != index }
        authentications[Account(trunk: index)] = trunk.credentials.map { TrunkAuthentication($0) }
        replacePeers(of: index)
    }

    /// The indices that calls and bindings name. It looks at every call, and only where a trunk has been left out or changed
    /// before.
    private func namedTrunks() -> Set<Int> {
        var named: Set<Int> = []
        for call in calls.values {
            for attempt in call.attempts { named.insert(attempt.trunk) }
            for choice in call.state.choices { named.insert(choice.trunk) }
        }
        for call in inboundCalls.values { named.insert(call.trunk) }
        for binding in bindings.all.values { named.insert(binding.trunk) }
        return named
    }
}
