import CSofiaSIP
import CallCore

/// Connections over TLS: what they are made with, and what becomes of those that do not come about; who may open one.
extension SIPAgent {
    func use(_ tls: consuming TLSFiles.Loaded, in agent: OpaquePointer) { use(tls.take(), in: agent) }

    /// Takes over what has been loaded.
    func use(_ tls: OpaquePointer, in agent: OpaquePointer) {
        csip_agent_use_tls(agent, tls)
        csip_agent_on_tls_failure(agent) { context, address, port, name, isOutgoing, reason in
            guard let context else { return }
            let (host, reason) = (String(cString: address), String(cString: reason))
            let name = name.map { String(cString: $0) }
            let agent = Unmanaged<SIPAgent>.fromOpaque(context).takeUnretainedValue()
            agent.assumeIsolated {
                guard isOutgoing else {
                    return $0.tellClosed(
                        from: host,
                        "failed in the TLS handshake: \(reason); check the peer's certificate and sip.tls.ca")
                }
                $0.couldNotConnect(to: host, port, named: name, reason)
            }
        }
    }

    /// Has the trunks' networks known as those that connections are expected from.
    func watchConnections(of agent: OpaquePointer) {
        csip_agent_on_connection(
            agent,
            { context, address in
                guard let context else { return false }
                let source = String(cString: address)
                let agent = Unmanaged<SIPAgent>.fromOpaque(context).takeUnretainedValue()
                return agent.assumeIsolated { $0.sources.trunk(of: source) != nil }
            },
            { context, address in
                guard let context else { return }
                let source = String(cString: address)
                let agent = Unmanaged<SIPAgent>.fromOpaque(context).takeUnretainedValue()
                agent.assumeIsolated { $0.tellClosed(from: source, "was one too many; check what connects from there") }
            })
    }

    /// A connection to us has come to nothing.
    private func tellClosed(from address: String, _ why: String) {
        guard let index = sources.trunk(of: SIPAgent.withoutBrackets(address)) else {
            return tell(.stranger, "a connection from no trunk's network (trunks[].inbound.from) \(why)")
        }
        tell(.connectionFrom(trunk: options.trunks[index].name), "a connection from the trunk's network \(why)")
    }

    private static func withoutBrackets(_ address: String) -> String {
        address.hasPrefix("[") ? String(address.dropFirst().dropLast()) : address
    }

    /// A connection of ours has failed before anything was sent.
    private func couldNotConnect(to address: String, _ port: UInt16, named name: String?, _ reason: String) {
        let address = SIPAddress(transport: .tls, host: SIPAgent.withoutBrackets(address), port: port)
        let candidates = slots.current.filter { trunk in
            peers.trunks[trunk].targets.contains { $0.address == address }
        }
        let index =
            candidates.first { name == nil || options.trunks[$0].domain == name } ?? candidates.first
            ?? slots.current.first { options.trunks[$0].domain == name }
        guard let index else { return }
        tell(
            .connectionTo(trunk: options.trunks[index].name),
            "no TLS connection to the peer, nothing was sent: \(reason); check the peer's certificate, sip.tls.ca "
                + "and the trunk's domain")
    }
}
