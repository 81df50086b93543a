import CSofiaSIP
import CallCore

/// Connections over TLS: what they are made with, and what becomes of those that do not come about.
extension SIPAgent {
    /// How often a trunk's failures are told; each of them also fails a request, which is told by itself.
    private static let alarmInterval: UInt64 = 10_000_000_000

    func use(_ tls: consuming TLSFiles.Loaded, in agent: OpaquePointer) { use(tls.take(), in: agent) }

    /// Takes over what has been loaded.
    func use(_ tls: OpaquePointer, in agent: OpaquePointer) {
        csip_agent_use_tls(agent, tls)
        csip_agent_on_tls_failure(agent) { context, address, port, name, isOutgoing, reason in
            guard let context, isOutgoing else { return }
            let (host, reason) = (String(cString: address), String(cString: reason))
            let name = name.map { String(cString: $0) }
            let agent = Unmanaged<SIPAgent>.fromOpaque(context).takeUnretainedValue()
            agent.assumeIsolated { $0.couldNotConnect(to: host, port, named: name, reason) }
        }
    }

    /// A connection of ours has failed before anything was sent.
    private func couldNotConnect(to address: String, _ port: UInt16, named name: String?, _ reason: String) {
        let host = address.hasPrefix("[") ? String(address.dropFirst().dropLast()) : address
        let address = SIPAddress(transport: .tls, host: host, port: port)
        let candidates = slots.current.filter { trunk in
            peers.trunks[trunk].targets.contains { $0.address == address }
        }
        let index =
            candidates.first { name == nil || options.trunks[$0].domain == name } ?? candidates.first
            ?? slots.current.first { options.trunks[$0].domain == name }
        guard let index, let onAlarm = options.onAlarm else { return }
        let trunk = options.trunks[index]
        let now = options.clock()
        if let last = tlsAlarms[trunk.name], now &- last < SIPAgent.alarmInterval { return }
        tlsAlarms[trunk.name] = now
        onAlarm(
            trunk.name,
            "no TLS connection to the peer, nothing was sent: \(reason); check the peer's certificate, sip.tls.ca "
                + "and the trunk's domain")
    }
}
