import Synchronization

/// A SIP peer played by a test, over real sockets: it receives what the gateway sends, hands it to the call it belongs
/// to, and sends what the test says. It knows no call logic; only repeated requests are answered by itself, as every
/// transaction layer does (RFC 3261 §17.2), and OPTIONS outside a dialog with 200.
///
/// One peer serves many tests at once: a call is known by the number that was dialled. It lives as long as the process.
package final class SIPPeer: Sendable {
    /// Where a message came from and answers go to.
    package enum Origin: Sendable {
        case udp(SocketAddress)
        case tcp(TCPStream)
        /// A connection that a ``TLSRelay`` goes on with.
        case tls(TCPStream)
    }

    /// What ``serve(_:_:)`` calls, on the reading thread.
    package typealias Handler = @Sendable (PeerRequest) -> Void

    private struct State {
        var calls: [String: PeerCall] = [:]
        var callIDs: [String: PeerCall] = [:]
        var served: [(prefix: String, handler: Handler)] = []
        var transactions: [String: PeerRequest] = [:]
        var sent: [String: PeerTransaction] = [:]
        var branches = 0
        var requests = 0
        var answersOptions = true
    }

    /// Its UDP address; it listens on TCP with the same port.
    package let address: SocketAddress
    /// What belongs to no call.
    package let wire = Wire()
    /// Requests that belong to no call.
    package let strays = Mailbox<PeerRequest>()
    private let state = Mutex(State())
    private let udp: UDPSocket
    private let streams: ReadLoop
    private let listener = Mutex<TCPListener?>(nil)

    /// Binds to `port` on loopback, or to a free one.
    package init(port: UInt16? = nil) throws {
        udp = try UDPSocket(port: port ?? FreePort.next())
        address = udp.address
        streams = try ReadLoop(name: "sip tcp \(udp.address.port)")
        udp.start { [weak self] datagram, source in self?.receive(datagram, from: .udp(source)) }
        let tcp = try TCPListener(port: address.port, loop: streams) { [weak self] stream in self?.accept(stream) }
        listener.withLock { $0 = tcp }
    }

    /// Closes its sockets, soon: the kernel tells whoever sends to them that nobody is there.
    package func close() {
        udp.close()
        listener.withLock { $0.take() }.map { _ in () }
    }

    package var port: UInt16 { address.port }

    /// Requests received so far, repeats and OPTIONS left out.
    package var requestCount: Int { state.withLock { $0.requests } }

    /// Whether OPTIONS outside a dialog is answered 200; true at first.
    package func answerOptions(_ answers: Bool) { state.withLock { $0.answersOptions = answers } }

    /// The call that will come for `number`. Asked twice, it is the same one.
    package func expect(_ number: String) -> PeerCall {
        state.withLock { state in
            if let call = state.calls[number] { return call }
            let call = PeerCall(number: number, peer: self)
            state.calls[number] = call
            return call
        }
    }

    /// Has `handler` answer every request of calls to numbers that begin with `prefix`, repeats included. Nothing is
    /// recorded of them: for load.
    package func serve(_ prefix: String, _ handler: @escaping Handler) {
        state.withLock { $0.served.append((prefix, handler)) }
    }

    // MARK: Sending

    /// Sends bytes as one datagram, whatever they are.
    package func send(datagram bytes: [UInt8], to destination: SocketAddress) {
        udp.send(bytes, to: destination)
    }

    /// Connects to a relay that goes on over TLS.
    package func connect(through relay: TLSRelay) throws -> Origin {
        let stream = try TCPStream(to: relay.address, loop: streams)
        read(stream, as: .tls(stream))
        return .tls(stream)
    }

    /// Sends a request outside any dialog and returns its transaction. `replacing` are header fields to be added, or to
    /// be sent in place of the usual ones of the same name.
    package func request(
        _ method: SIPMethod, to gateway: SocketAddress, user: String = "ping", replacing: [WireMessage.Header] = [],
        body: String = "", wire: Wire? = nil, over origin: Origin? = nil
    ) -> PeerTransaction {
        let id = state.withLock { state in
            state.branches += 1
            return state.branches
        }
        var headers: [WireMessage.Header] = [
            .init("From", "<sip:peer@\(address)>;tag=peer-\(id)"), .init("To", "<sip:\(user)@\(gateway)>"),
            .init("Call-ID", "\(id)@\(address)"), .init("CSeq", "1 \(method)"),
            .init("Contact", "<sip:peer@\(address)>"),
        ]
        headers.removeAll { usual in replacing.contains { $0.name.isSame(as: usual.name) } }
        let message = WireMessage(
            .request(method, uri: "sip:\(user)@\(gateway)"), headers: headers + replacing, body: Array(body.utf8))
        return send(message, to: origin ?? .udp(gateway), wire: wire ?? self.wire)
    }

    /// Returns when the gateway has answered an OPTIONS: whatever it had sent before is here by then, because its
    /// messages to one address keep their order on loopback.
    package func fence(_ gateway: SocketAddress, over origin: Origin? = nil) async throws {
        _ = try await request(.options, to: gateway, over: origin).final()
    }

    /// `branch`: another transaction's, for what belongs to it (CANCEL, ACK of a refusal); nil: a new one.
    func send(_ message: WireMessage, to origin: Origin, wire: Wire, branch: String? = nil) -> PeerTransaction {
        var message = message
        let branch =
            branch
            ?? state.withLock { state -> String in
                state.branches += 1
                return "z9hG4bK-peer-\(state.branches)"
            }
        let transport =
            switch origin {
            case .udp: "UDP"
            case .tcp: "TCP"
            case .tls: "TLS"
            }
        let via = "SIP/2.0/\(transport) \(address);branch=\(branch);rport"
        message.headers.insert(contentsOf: [.init("Via", via), .init("Max-Forwards", "70")], at: 0)
        let transaction = PeerTransaction(message, wire: wire)
        state.withLock { $0.sent["\(branch) \(message.method)"] = transaction }
        wire.add(.toGateway, message.summary, text: message.text)
        send(message.bytes, to: origin)
        return transaction
    }

    func send(_ bytes: [UInt8], to origin: Origin) {
        switch origin {
        case .udp(let destination): udp.send(bytes, to: destination)
        case .tcp(let stream), .tls(let stream): stream.send(bytes)
        }
    }

    func contactURI(for origin: Origin) -> String {
        switch origin {
        case .udp: "sip:peer@\(address)"
        case .tcp: "sip:peer@\(address);transport=tcp"
        case .tls: "sip:peer@\(address);transport=tls"
        }
    }

    /// Where a request to the gateway's Contact goes: there, over UDP, or back on the connection the INVITE came by.
    func origin(forTarget uri: String, _ invite: Origin) -> Origin {
        switch invite {
        case .tcp, .tls: invite
        case .udp: WireMessage.address(of: uri).map { .udp($0) } ?? invite
        }
    }

    // MARK: Receiving, on a reading thread

    private func accept(_ stream: TCPStream) { read(stream, as: .tcp(stream)) }

    private func read(_ stream: TCPStream, as origin: Origin) {
        let buffer = Mutex<[UInt8]>([])
        stream.start { [weak self] bytes in
            guard let bytes else { return stream.close() }
            let messages = buffer.withLock { buffer in
                buffer += bytes
                var messages: [WireMessage] = []
                while let message = try? WireMessage(takenFrom: &buffer) { messages.append(message) }
                return messages
            }
            for message in messages { self?.receive(message, from: origin) }
        }
    }

    private func receive(_ datagram: [UInt8], from origin: Origin) {
        do {
            receive(try WireMessage(datagram: datagram), from: origin)
        } catch {
            wire.add(.fromGateway, "not SIP: \(error)", text: String(decoding: datagram, as: UTF8.self))
        }
    }

    private func receive(_ message: WireMessage, from origin: Origin) {
        if message.status != nil {
            let transaction = state.withLock { $0.sent["\(message.branch ?? "") \(message.method)"] }
            if let transaction {
                transaction.receive(message)
            } else {
                wire.add(.fromGateway, "\(message.summary)  (to nothing sent)", text: message.text)
            }
            return
        }
        if let handler = served(message) {
            let tag = "peer-\(message.callID.utf8.reduce(5381) { ($0 &* 33) &+ Int($1) } & 0xFFFF_FFFF)"
            return handler(PeerRequest(message, from: origin, at: self, wire: nil, defaultTag: tag))
        }
        // ACK has no transaction of its own here: every single one counts.
        let key = message.method == .ack ? nil : "\(message.branch ?? "") \(message.method)"
        if let key, let known = state.withLock({ $0.transactions[key] }) { return known.repeated() }

        let call = call(of: message)
        let request = PeerRequest(
            message, from: origin, at: self, wire: call?.wire ?? wire, defaultTag: call?.defaultTag ?? "peer")
        let answersOptions = state.withLock { state in
            if let key { state.transactions[key] = request }
            if message.method != .options { state.requests += 1 }
            return state.answersOptions
        }
        (call?.wire ?? wire).add(.fromGateway, message.summary, text: message.text)
        if let call { return call.receive(request) }
        if message.method == .options, answersOptions { request.respond(200) } else { strays.put(request) }
    }

    private func served(_ message: WireMessage) -> Handler? {
        let handlers = state.withLock { $0.served }
        guard !handlers.isEmpty, let user = message["To"].flatMap(WireMessage.uri).flatMap(WireMessage.user)
        else { return nil }
        return handlers.first { user.hasPrefix($0.prefix) }?.handler
    }

    private func call(of message: WireMessage) -> PeerCall? {
        state.withLock { state in
            if let call = state.callIDs[message.callID] { return call }
            guard message.method == .invite, let call = state.calls[message.dialled ?? ""] else { return nil }
            state.callIDs[message.callID] = call
            return call
        }
    }
}
